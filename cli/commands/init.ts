import { bold, dim } from "@std/fmt/colors";
import { basename, dirname, join } from "@std/path";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { pathFault } from "../../diagnostics/path_fault.ts";
import { type Arguments, type Command, EXIT, FailedError, UsageError } from "../command.ts";
import { type NewFile, repositoryFiles } from "../init/files.ts";
import { toolkitFolder, toolkitOrigin, toolkitPath } from "../init/toolkit.ts";
import { FROM_VARIABLES, type ToolkitSource } from "../init/workflow.ts";
import { shown } from "../lock_file.ts";

/** `daemoneye init`: a repository of detections that a team can use at once. */
export const init: Command = {
  name: "init",
  summary: "Make a repository of detections: one with fixtures, tasks, CI, hook, editor settings.",
  usage: "DIR",
  details:
    "DIR may exist and have other files. What would be overwritten is listed, and nothing is written.",
  flags: {
    toolkit: {
      value: "DIR",
      description:
        "The clone of this toolkit that the repository uses; by default the one that runs",
    },
    source: {
      value: "OWNER/NAME@REF",
      description:
        "Where its workflow checks the toolkit out on GitHub; by default the clone's origin and commit",
    },
  },
  examples: [
    "daemoneye init ../our-detections",
    "daemoneye init ../our-detections --source our-team/daemoneye@v0.1.0",
  ],
  args: { min: 1, max: 1 },
  async run(args, io) {
    const toolkit = await toolkitFolder(args.value("toolkit"));
    const source = sourceOf(args) ?? await toolkitOrigin(toolkit) ?? FROM_VARIABLES;
    const root = await makeFolder(args.args[0]!);
    const path = toolkitPath(toolkit, root);
    const files = repositoryFiles({
      name: basename(root).replace(/\p{Cc}/gu, " "),
      toolkit: path,
      source,
      today: new Date().toISOString().slice(0, 10),
      id: crypto.randomUUID(),
    });
    await refuseExisting(root, files);
    for (const file of files) await write(root, file);
    io.out(report(root, files, path, source, await enclosingRepository(root)));
    return EXIT.done;
  },
};

function sourceOf(args: Arguments): ToolkitSource | undefined {
  const given = args.value("source");
  if (given === undefined) return undefined;
  const [, repository, ref] = /^([\w-]+\/[\w.-]+)@([\w./-]+)$/.exec(given) ?? [];
  if (!repository || !ref) throw new UsageError(`--source ${given}: write OWNER/NAME@REF`);
  return { repository, ref };
}

async function makeFolder(path: string): Promise<string> {
  try {
    await Deno.mkdir(path, { recursive: true });
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`${path} is no folder`);
    }
    throw new FailedError(pathFault(path, "made", error));
  }
}

async function refuseExisting(root: string, files: readonly NewFile[]): Promise<void> {
  const found = await Promise.all(files.map(async ({ path }) => {
    try {
      await Deno.lstat(join(root, path));
      return [path];
    } catch {
      return [];
    }
  }));
  const existing = found.flat();
  if (existing.length === 0) return;
  throw new UsageError(
    `${shown(root)} already has ${
      existing.join(", ")
    }; nothing was written: remove them, or take another folder`,
  );
}

async function write(root: string, { path, text, executable }: NewFile): Promise<void> {
  const file = join(root, path);
  try {
    await Deno.mkdir(dirname(file), { recursive: true });
    const mode = executable ? { mode: 0o755 } : {};
    await Deno.writeTextFile(file, text, { createNew: true, ...mode });
  } catch (error) {
    throw new FailedError(pathFault(file, "written", error));
  }
}

/** The folder of the git repository that a folder lies in without being it. */
async function enclosingRepository(root: string): Promise<string | undefined> {
  for (let folder = root;; folder = dirname(folder)) {
    try {
      await Deno.stat(join(folder, ".git"));
      return folder === root ? undefined : folder;
    } catch {
      if (dirname(folder) === folder) return undefined;
    }
  }
}

function report(
  root: string,
  files: readonly NewFile[],
  toolkit: string,
  source: ToolkitSource,
  enclosing: string | undefined,
): string {
  const steps: readonly (readonly [string, string])[] = [
    [`cd ${quoted(shown(root))}`, ""],
    ...enclosing === undefined ? [["git init", "unless it is a clone"] as const] : [],
    ["git config core.hooksPath .githooks", "lint and test before every commit"],
    ["deno task lint", ""],
    ["deno task test", ""],
    ["deno task scan", "look at this host with the first detection"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const notes = [
    `The toolkit is taken from ${toolkit} (deno.json).`,
    source === FROM_VARIABLES
      ? "Its workflow looks for it where the variables DAEMONEYE_REPOSITORY and DAEMONEYE_REF of " +
        "the repository on GitHub say."
      : `Its workflow takes it from ${source.repository} at ${source.ref}.`,
    ...enclosing === undefined ? [] : [
      `It lies in the repository ${enclosing}: workflows and hooks work at the root of that only.`,
    ],
  ];
  return [
    ...files.map(({ path }) => `  ${path}`),
    "",
    bold("Next"),
    ...steps.map(([command, note]) =>
      `  ${escapeTerminal(command.padEnd(note ? width : 0))}${note && dim(`   # ${note}`)}`
    ),
    "",
    ...notes.map(escapeTerminal),
    "",
  ].join("\n");
}

/** A path as a shell reads it. */
function quoted(path: string): string {
  return /^[\w./@%+:-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
