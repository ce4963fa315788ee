import { type BigIntStats, statSync } from "node:fs";
import { readRuleHeads } from "../../../dialect/yara/rule_heads.ts";
import { type FoundString, type MatchedRule, MAX_STRINGS } from "../../../dialect/yara/types.ts";
import type { Resource } from "../../../model/collection.ts";
import { readLines } from "../../core/lines.ts";
import { YARA_PROGRAMS } from "./programs.ts";

/** The longest line that is read, bytes: the longest names of YARA are of 128 characters. */
const MAX_LINE = 4096;

/** Bytes of what is wrong that are told. */
const MAX_SAID = 300;

/** Where the program finds the rules that it is given: there is no /dev/stdin in an empty root. */
const RULES = "/proc/self/fd/0";

/** `yara -L`: where a string was found, how many bytes it has, and how the rule calls it. */
const STRING = /^0x([0-9a-f]{1,16}):(\d{1,10}):(\$\w*)$/;

let found: Promise<string> | undefined;

/**
 * What rules find in a file by the system's program, each file of rules by itself. The program is told nothing but where
 * this process holds the file open: the name of the file cannot mean anything to it, and what is read is the same file. It
 * says only which strings are where, and no line of it is trusted that does not look so.
 *
 * @param descriptor of the open file
 * @param patience ms
 * @param wrapped whether whoever kills this process kills its children, too
 * @throws {Error} in words, where that could not be found out
 */
export async function scanBySystem(
  descriptor: number,
  rules: readonly Resource[],
  patience: number,
  wrapped: boolean,
): Promise<readonly (readonly MatchedRule[])[]> {
  const until = performance.now() + patience;
  const program = await (found ??= findProgram());
  const target = `/proc/${Deno.pid}/fd/${descriptor}`;
  const all: (readonly MatchedRule[])[] = [];
  for (const { text } of rules) {
    // What the built-in engine refuses: it has no files to include.
    if (/\binclude\s*"/.test(text)) throw new Error("rules may not include others");
    if (text.includes("\0")) throw new Error("a NUL stands in the rules");
    const names = new Set(readRuleHeads(text).map(({ name }) => name));
    const args = ["-w", "-L", "-p", "1", RULES, target];
    const left = until - performance.now();
    all.push(
      await run(program, args, text, wrapped, left, (lines) => readMatches(lines, names, target)),
    );
  }
  return all;
}

/** The program that will be run: one that nobody but root can have put there. */
async function findProgram(): Promise<string> {
  try {
    for (const path of YARA_PROGRAMS) {
      const stats = attempt(() => statSync(path, { bigint: true }));
      if (!stats?.isFile()) continue;
      if (stats.uid !== 0n || (stats.mode & 0o022n) !== 0n || (stats.mode & 0o111n) === 0n) {
        throw new Error(`${path} is no program that root alone may change`);
      }
      const version = await run(path, ["--version"], "", true, 5_000, async (lines) => {
        const all: string[] = [];
        for await (const line of lines) all.push(line);
        return all.join(" ");
      });
      if (!/^4\.\d+/.test(version)) throw new Error(`${path} is of version ${version}, not 4`);
      return path;
    }
    throw new Error(
      `the configuration chooses the system's yara, and there is none (${
        YARA_PROGRAMS.join(", ")
      })`,
    );
  } catch (error) {
    // It may be installed, or mended, any time.
    found = undefined;
    throw error;
  }
}

function attempt(look: () => BigIntStats): BigIntStats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Runs the program, at most so many ms, and reads what it says. */
async function run<T>(
  program: string,
  args: readonly string[],
  input: string,
  wrapped: boolean,
  patience: number,
  read: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  const [command, ...rest] = wrapped || Deno.build.os !== "linux"
    ? [program, ...args]
    : ["setpriv", "--pdeathsig", "KILL", "--", program, ...args];
  const child = new Deno.Command(command!, {
    args: rest,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(child);
  }, Math.max(1, patience));
  try {
    const writer = child.stdin.getWriter();
    const given = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
    // One that ends before it has read everything says why.
    given.catch(() => {});
    const said = readSome(child.stderr);
    const value = await read(textLines(child.stdout));
    const { success, code } = await child.status;
    const problem = await said;
    if (!success) throw new Error(problem || `yara ended with status ${code}`);
    return value;
  } catch (error) {
    throw late ? new Error(`YARA took more than ${Math.round(patience)} ms`) : error;
  } finally {
    clearTimeout(timer);
    kill(child);
    await child.status;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function* textLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  for await (const line of readLines(stream, MAX_LINE)) {
    if (line === undefined) throw new Error("yara says a line that is too long");
    yield decoder.decode(line);
  }
}

/** The beginning of what is written to a stream, which is read to its end, as one line. */
async function readSome(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (text.length < MAX_SAID) text += decoder.decode(chunk);
  }
  return text.slice(0, MAX_SAID).replace(/\s+/g, " ").trim();
}

/**
 * Reads what `yara -L` prints of one file: a line for each rule, and after it one for each place of its strings.
 *
 * @param names of the rules
 * @param target what the file is called
 * @throws {Error} at a line that is neither
 */
export async function readMatches(
  lines: AsyncIterable<string> | Iterable<string>,
  names: ReadonlySet<string>,
  target: string,
): Promise<readonly MatchedRule[]> {
  const matches: { rule: string; count: number; strings: FoundString[] }[] = [];
  for await (const line of lines) {
    const [, offset, length, identifier] = STRING.exec(line) ?? [];
    const last = matches.at(-1);
    if (identifier !== undefined && last) {
      last.count++;
      if (last.strings.length < MAX_STRINGS) {
        last.strings.push({ identifier, offset: parseInt(offset!, 16), length: Number(length) });
      }
      continue;
    }
    const [rule = "", file] = line.split(" ", 2);
    if (!names.has(rule) || file !== target || line !== `${rule} ${file}`) {
      throw new Error(`yara says what is no match: ${JSON.stringify(line.slice(0, 80))}`);
    }
    matches.push({ rule, count: 0, strings: [] });
  }
  return matches;
}
