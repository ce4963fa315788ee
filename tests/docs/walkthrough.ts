import { assert } from "@std/assert";
import { dirname, join } from "@std/path";
import { ROOT } from "../cli/run_cli.ts";

/** A fenced block of a document. */
interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that the line above the block names, if it does. */
  readonly path?: string;
  /** Where it begins in the document. */
  readonly line: number;
}

/** A command of a `console` block, and the output that the document shows below it. */
interface Step {
  readonly command: string;
  readonly output: string;
  readonly line: number;
}

/** The fenced blocks of a document, in order. */
function blocksOf(document: string): Block[] {
  return [...document.matchAll(/(.*)\n\n```(\w+)\n([^]*?)```/g)].map((match) => {
    const [, before = "", language = "", text = ""] = match;
    const [, path] = /`([\w./-]+)`[^`]*:$/.exec(before) ?? [];
    const line = document.slice(0, match.index).split("\n").length + 2;
    return { language, text, ...(path !== undefined && { path }), line };
  });
}

function stepsOf({ text, line }: Block): Step[] {
  const steps: { command: string; output: string; line: number }[] = [];
  for (const [index, content] of text.split("\n").slice(0, -1).entries()) {
    if (content.startsWith("$ ")) {
      steps.push({ command: content.slice(2), output: "", line: line + 1 + index });
    } else {
      assert(steps.length > 0, `line ${line}: a console block begins with a command`);
      steps.at(-1)!.output += `${content}\n`;
    }
  }
  return steps;
}

/** What changes from run to run: times, durations, ids, process ids. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME"],
  [/\b\d+(\.\d+)? ?(ms|s)\b/g, "DURATION"],
  [/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(:\d+:\d+)?\b/g, "ID"],
  [/\bpid: \d{3,}/g, "pid: PID"],
];

/** Output as a pattern: `…` stands for anything, on a line of its own for any lines. */
export function fits(shown: string, actual: string): boolean {
  const steady = (text: string) =>
    CHANGING.reduce((rest, [pattern, name]) => rest.replace(pattern, name), text)
      .replace(/\n*$/, "\n");
  const pattern = steady(shown).split(/^…\n/m).map((part) =>
    part.split("…").map((piece) => RegExp.escape(piece)).join("[^\\n]*")
  ).join("(?:.*\\n)*");
  return new RegExp(`^${pattern}$`).test(steady(actual));
}

/** Puts the new lines of a block of `diff` in the place of the old ones. */
function applyDiff(text: string, { text: diff, line }: Block): string {
  const lines = diff.split("\n").slice(0, -1);
  const side = (left: string) =>
    lines.filter((one) => !one.startsWith(left)).map((one) => `${one.slice(1)}\n`).join("");
  const before = side("+");
  const at = text.indexOf(before);
  assert(at >= 0 && text.indexOf(before, at + 1) < 0, `line ${line}: where is this?\n${before}`);
  return text.slice(0, at) + side("-") + text.slice(at + before.length);
}

/** Options of {@linkcode follow}. */
export interface FollowOptions {
  /** The folder in which the reader sits. */
  readonly folder: string;
  /** Called with a step whose output is not what the document shows. */
  onDifference(step: Step, actual: string): void;
}

/**
 * Does what a document tells its reader: writes the files that it shows, applies its diffs, types its commands, and
 * compares what they print with what the document shows. A command that ends in `&` runs until the end of the document.
 *
 * @returns how many files were written and how many commands were typed
 */
export async function follow(
  document: string,
  { folder, onDifference }: FollowOptions,
): Promise<{ files: number; commands: number }> {
  const bin = join(folder, ".bin");
  await Deno.mkdir(bin);
  const daemoneye = `#!/bin/sh
exec ${Deno.execPath()} run -q -P=host --config=${ROOT}deno.json ${ROOT}cli/main.ts "$@"
`;
  await Deno.writeTextFile(join(bin, "daemoneye"), daemoneye, { mode: 0o755 });
  const path = [bin, dirname(Deno.execPath()), Deno.env.get("PATH")].join(":");
  const env = { PATH: path, CI: "", NO_COLOR: "1" };
  const running: Deno.ChildProcess[] = [];
  const count = { files: 0, commands: 0 };
  try {
    for (const block of blocksOf(document)) {
      if (block.language === "console") {
        for (const step of stepsOf(block)) {
          count.commands++;
          const background = step.command.endsWith(" &");
          const shell = new Deno.Command("/bin/sh", {
            args: ["-c", background ? `exec ${step.command.slice(0, -2)}` : `${step.command} 2>&1`],
            cwd: folder,
            env,
            stdin: "null",
            stdout: background ? "null" : "piped",
            stderr: "null",
          });
          if (background) {
            running.push(shell.spawn());
            continue;
          }
          const actual = new TextDecoder().decode((await shell.output()).stdout);
          if (!fits(step.output, actual)) onDifference(step, actual);
        }
      } else {
        assert(block.path !== undefined, `line ${block.line}: the line above names no file`);
        const file = join(folder, block.path);
        count.files++;
        await Deno.mkdir(dirname(file), { recursive: true });
        const text = block.language === "diff"
          ? applyDiff(await Deno.readTextFile(file), block)
          : block.text;
        await Deno.writeTextFile(file, text);
      }
    }
  } finally {
    for (const child of running) {
      child.kill("SIGKILL");
      await child.status;
    }
  }
  return count;
}
