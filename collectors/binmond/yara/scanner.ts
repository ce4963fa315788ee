import { fileURLToPath } from "node:url";
import type { MatchedRule } from "../../../dialect/yara/types.ts";
import type { Resource } from "../../../model/collection.ts";
import { type Answer, concatBytes, decodeAnswer, encodeMessage } from "./frames.ts";

/** Tries YARA rules on bytes, in a process of its own. */
export interface Scanner {
  /**
   * What each file of rules found, in their order.
   *
   * @throws {Error} in words, where that could not be found out within so many milliseconds
   */
  scan(
    bytes: Uint8Array<ArrayBuffer>,
    rules: readonly Resource[],
    patience: number,
  ): Promise<readonly (readonly MatchedRule[])[]>;
}

interface Child {
  readonly process: Deno.ChildProcess;
  readonly writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  rules?: readonly Resource[];
  /** The most bytes that it was given at once. */
  largest: number;
}

/** Ms after which a process that nobody asks is ended. */
const IDLE = 3_000;

/**
 * The same where it was given so many bytes at once: it keeps three times as many, and clears them with each question.
 */
const LARGE = { bytes: 16 << 20, idle: 250 };

/**
 * Makes a {@linkcode Scanner}. Its process is started with the first question.
 *
 * @param wrapped whether whoever kills this process kills its children, too
 */
export function createScanner(wrapped: boolean): Scanner {
  let child: Child | undefined;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const end = () => {
    clearTimeout(rest);
    const ended = child;
    child = undefined;
    if (!ended) return;
    ended.writer.abort().catch(() => {});
    ended.reader.cancel().catch(() => {});
    try {
      ended.process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  const ask = async (
    { writer, reader, rules: known }: Child,
    bytes: Uint8Array<ArrayBuffer>,
    rules: readonly Resource[],
  ): Promise<Answer> => {
    const question = { size: bytes.length, ...(rules !== known && { rules }) };
    const written = writer.write(encodeMessage(question)).then(() => writer.write(bytes));
    written.catch(() => {});
    let come = new Uint8Array();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("YARA has ended");
      come = concatBytes(come, value);
      const answer = decodeAnswer(come);
      if (answer) return answer;
    }
  };

  return {
    async scan(bytes, rules, patience) {
      clearTimeout(rest);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        end();
      }, Math.max(1, patience));
      let done = false;
      try {
        const used = child ??= start(wrapped);
        const answer = await ask(used, bytes, rules);
        if ("error" in answer) throw new Error(answer.error);
        used.rules = rules;
        used.largest = Math.max(used.largest, bytes.length);
        done = true;
        return answer.found;
      } catch (error) {
        throw late ? new Error(`YARA took more than ${Math.round(patience)} ms`) : error;
      } finally {
        clearTimeout(timer);
        if (!done) end();
        else {
          rest = setTimeout(end, (child?.largest ?? 0) < LARGE.bytes ? IDLE : LARGE.idle);
          Deno.unrefTimer(rest);
        }
      }
    },
  };
}

/** Starts the process: without any permission, and with what this one was started with otherwise. */
function start(wrapped: boolean): Child {
  const deno = [
    Deno.execPath(),
    ...["run", "--quiet", "--no-prompt", "--cached-only", "--no-code-cache", "--frozen"],
    `--config=${fileURLToPath(new URL("../../../deno.json", import.meta.url))}`,
    fileURLToPath(new URL("./child.ts", import.meta.url)),
  ];
  const run = (program: string, args: readonly string[]) =>
    new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      // An empty root has no /dev/null.
      stderr: "inherit",
    }).spawn();
  const plainly = () => run(deno[0]!, deno.slice(1));
  let process: Deno.ChildProcess;
  try {
    process = wrapped || Deno.build.os !== "linux"
      ? plainly()
      : run("setpriv", ["--pdeathsig", "KILL", "--", ...deno]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || wrapped) throw error;
    process = plainly();
  }
  return {
    process,
    writer: process.stdin.getWriter(),
    reader: process.stdout.getReader(),
    largest: 0,
  };
}
