/**
 * Gives the compiler and the reader of fixtures texts that nobody would write: `deno task fuzz [--count N] [--seed S]
 * [--from I] [--print]`. The inputs are read by a process of their own, so that one that crashes it or that it never
 * comes back from is found, too. Exits with 1 where one was not answered as it should.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { Chance } from "../support/random.ts";
import { answerTo } from "./check.ts";
import { readCorpus } from "./corpus.ts";
import { type Input, makeInput } from "./inputs.ts";
import { seedOf } from "./seed.ts";

/** ms without a sign of life after which the process is given up. */
const PATIENCE = 20_000;
/** So many faults are enough to look into. */
const MAX_FAULTS = 20;

interface Run {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

const encoder = new TextEncoder();

/** How many inputs of a kind were tried, and how many of them were accepted. */
type Counts = Record<Input["kind"], [tried: number, accepted: number]>;

function noCounts(): Counts {
  return { query: [0, 0], detection: [0, 0], fixture: [0, 0] };
}

/** Tries the inputs of a run; writes the number of each before it is tried, and what is wrong with it. */
function tryInputs({ seed, from, count }: Run): void {
  const corpus = readCorpus();
  const say = (line: string) => Deno.stdout.writeSync(encoder.encode(`${line}\n`));
  addEventListener("unhandledrejection", (event) => say(`fault a rejection: ${event.reason}`));
  for (let index = from; index < from + count; index++) {
    say(`${index}`);
    const input = makeInput(new Chance(seedOf(seed, index)), corpus);
    const { accepted, fault } = answerTo(input);
    say(`${accepted ? "accepted" : "refused"} ${input.kind}`);
    if (fault !== undefined) say(`fault ${JSON.stringify(fault)}`);
  }
  say("done");
}

/** Has a process try the inputs and watches it; gives the first input after the one that ended it, if one did. */
async function watch(run: Run, counts: Counts, faults: string[]): Promise<number | undefined> {
  const { seed, from, count } = run;
  const args = ["--seed", seed, "--from", from, "--count", count, "--child"].map(String);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", new URL(import.meta.url).pathname, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let index = from;
  let done = false;
  const tooLong = () => child.kill("SIGKILL");
  let timer = setTimeout(tooLong, PATIENCE);
  const note = (fault: string) => {
    faults.push(fault);
    console.log(
      `${fault}\n  again: deno task fuzz --seed ${seed} --from ${index} --count 1 --print`,
    );
  };
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    clearTimeout(timer);
    timer = setTimeout(tooLong, PATIENCE);
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [word, kind] = line.split(" ", 2);
      if (word === "done") done = true;
      else if (word === "fault") note(line.slice(6));
      else if (word === "accepted" || word === "refused") {
        const count = counts[kind as Input["kind"]];
        count[0]++;
        if (word === "accepted") count[1]++;
      } else index = Number(line);
    }
    const tried = index - from;
    if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(encoder.encode(`\r${tried} of ${count} `));
  }
  clearTimeout(timer);
  const { signal, code } = await child.status;
  if (done) return undefined;
  note(`the process ended with ${signal ?? code}, or gave no sign of life for ${PATIENCE} ms`);
  return index + 1;
}

const flags = parseArgs(Deno.args, {
  string: ["seed", "from", "count"],
  boolean: ["child", "print"],
});
const run: Run = {
  seed: Number(flags.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]),
  from: Number(flags.from ?? 0),
  count: Number(flags.count ?? 100_000),
};
if (flags.child) tryInputs(run);
else {
  console.log(`seed ${run.seed}, inputs ${run.from} to ${run.from + run.count - 1}`);
  if (flags.print) console.log(makeInput(new Chance(seedOf(run.seed, run.from)), readCorpus()));
  const start = performance.now();
  const faults: string[] = [];
  const counts = noCounts();
  const end = run.from + run.count;
  for (let from: number | undefined = run.from; from !== undefined && from < end;) {
    from = await watch({ ...run, from, count: end - from }, counts, faults);
    if (faults.length >= MAX_FAULTS) break;
  }
  const seconds = Math.round((performance.now() - start) / 1_000);
  const kinds = Object.entries(counts)
    .map(([kind, [tried, accepted]]) => `${kind} ${tried}, ${accepted} of them accepted`);
  console.log(`${run.count} inputs in ${seconds} s (${kinds.join("; ")}), ${faults.length} faults`);
  if (faults.length > 0) Deno.exit(1);
}
