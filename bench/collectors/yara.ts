/**
 * Tries YARA rules on files and on memory, beside yara in the same run.
 *
 *     deno task bench:yara [FILES] [RUNS] [RULES]
 *
 * Takes so many programs and libraries of this machine (300 by default), evenly among all of at most 16 MB, and so many
 * rules (20), each with two texts and a pattern, and takes turns: `yara -s`, a process for each file, and one thread of one
 * process for all of them, the output thrown away; then, through a confined collector with everything from the task to the
 * last checked batch, `yara_matches` by path, cold and once more from its memory. The engine here compiles the rules anew
 * for each file: its published form has no other way. The files are read once before, so that no disk is measured. Then the
 * same rules on the memory of a process that holds 64 MB, beside `yara PID`, which searches its libraries, too.
 */
import { drain } from "../../tests/collectors/support.ts";
import { openHere } from "../../tests/collectors/binmond/live.ts";
import { elfFiles } from "../../tests/collectors/programs.ts";

const [count = 300, runs = 3, rules = 20] = Deno.args.map(Number);

const all = elfFiles(["/usr/bin", "/usr/sbin", "/usr/lib"])
  .filter((path) => Deno.statSync(path).size <= 16 * 2 ** 20);
const step = Math.max(1, all.length / count);
const files = Array.from(
  { length: Math.min(count, all.length) },
  (_, index) => all[Math.floor(index * step)]!,
);
const bytes = files.reduce((sum, path) => sum + Deno.readFileSync(path).length, 0);

const text = Array.from(
  { length: rules },
  (_, index) =>
    `rule r${index} { strings: $a = "word number ${index}" nocase $b = "socket${index}" wide ascii
     $c = { e8 ?? ?? ?? ?? 48 89 ${
      (index % 256).toString(16).padStart(2, "0")
    } 4c } condition: any of them }`,
)
  .join("\n");
const folder = Deno.makeTempDirSync();
Deno.writeTextFileSync(`${folder}/rules.yar`, text);

const times = new Map<string, number[]>();

async function time(name: string, work: () => unknown): Promise<void> {
  const started = performance.now();
  await work();
  times.set(name, [...times.get(name) ?? [], performance.now() - started]);
}

function runProgram(program: string, ...args: string[]): void {
  new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync();
}

console.log(`${files.length} files, ${Math.round(bytes / 2 ** 20)} MB, ${rules} rules`);
Deno.writeTextFileSync(`${folder}/list`, files.join("\n"));
for (let run = 0; run < runs; run++) {
  await time("yara", () => {
    for (const path of files) runProgram("yara", "-w", "-s", `${folder}/rules.yar`, path);
  });
  await time(
    "yara, all files at once",
    () =>
      runProgram(
        "yara",
        "-w",
        "-s",
        "-p",
        "1",
        "--scan-list",
        `${folder}/rules.yar`,
        `${folder}/list`,
      ),
  );
  await using collectors = await openHere();
  const collect = async () => {
    const { outcome } = await drain(collectors.collect({
      table: "yara_matches",
      project: ["file_path", "rule_name"],
      keys: { column: "file_path", values: files },
      resources: [{ name: "rules.yar", text }],
      deadline: 600_000,
    }));
    if (outcome.status !== "complete") throw new Error(outcome.reason);
  };
  await time("yara_matches, cold", collect);
  await time("yara_matches, remembered", collect);
}
const HELD = 64 * 2 ** 20;
const holder = new Deno.Command("tail", { args: ["-c", String(HELD)], stdin: "piped" }).spawn();
const writer = holder.stdin.getWriter();
for (let held = 0; held < HELD; held += 65_536) {
  await writer.write(crypto.getRandomValues(new Uint8Array(65_536)));
}
for (let run = 0; run < runs; run++) {
  await time("yara PID", () => {
    runProgram("yara", "-w", "-s", `${folder}/rules.yar`, String(holder.pid));
  });
  await using collectors = await openHere();
  await time("yara_matches of memory", async () => {
    const { outcome } = await drain(collectors.collect({
      table: "yara_matches",
      project: ["pid", "rule_name"],
      keys: { column: "pid", values: [holder.pid] },
      resources: [{ name: "rules.yar", text }],
      interests: [{ op: "=", column: "scan_target", value: "memory" }],
      deadline: 600_000,
    }));
    if (outcome.status !== "complete") throw new Error(outcome.reason);
  });
}
holder.kill("SIGKILL");
await holder.status;
writer.abort().catch(() => {});
Deno.removeSync(folder, { recursive: true });

const median = (list: readonly number[]) =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
const base = median(times.get("yara, all files at once")!);
for (const [name, list] of times) {
  const ms = median(list);
  const [size, other] = /PID|memory/.test(name)
    ? [HELD, median(times.get("yara PID")!)]
    : [bytes, base];
  const speed = Math.round(size / 2 ** 20 / (ms / 1000));
  console.log(`${name}: ${Math.round(ms)} ms, ${speed} MB/s, ${(ms / other).toFixed(2)} × yara`);
}
