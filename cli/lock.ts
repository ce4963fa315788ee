import { join } from "@std/path";
import { LOCK_NAME, lockText } from "../compiler/permissions/lock.ts";
import { escapeTerminal } from "../diagnostics/escape.ts";
import { pathFault } from "../diagnostics/path_fault.ts";
import { type Arguments, EXIT, FailedError, UsageError } from "./command.ts";
import { anyErrors, readDetections, reportFaults } from "./detections.ts";
import type { Io } from "./io.ts";
import { coveredFiles, lockRoot, readLock, shown } from "./lock_file.ts";
import { budgetChanges, budgetFor } from "./permissions.ts";

/**
 * Holds the lock of a repository against all its detections, and writes it anew if that is asked for.
 *
 * @returns the exit status
 * @throws {UsageError} where the arguments do not fit each other or the paths
 */
export async function runLock(args: Arguments, io: Io, writes: boolean): Promise<number> {
  if (!args.has("permissions")) {
    throw new UsageError(`--${writes ? "write" : "check"}-lock needs --permissions`);
  }
  if (args.value("format") === "json") {
    throw new UsageError("the lock is JSON itself: --format json is not for it");
  }
  const root = await rootOf(args.args);
  const loaded = await readDetections(await coveredFiles(root), io);
  reportFaults(loaded, io);
  if (anyErrors(loaded)) {
    io.err("what these files need is not known; the lock stays as it is");
    return EXIT.findings;
  }
  const path = join(root, LOCK_NAME);
  const after = budgetFor(loaded.flatMap(({ compiled }) => compiled ?? []));
  const before = await isFile(path) ? await readLock(root) : undefined;
  const changes = budgetChanges(before?.budget ?? {}, after);
  const name = escapeTerminal(shown(path));
  const fits = before?.budget && changes.length === 0;
  for (const change of changes) io.out(`${change}\n`);
  if (!writes) {
    io.out(
      `${name} ${
        fits ? "fits" : before ? before.budget ? "does not fit" : "is damaged" : "does not exist"
      }\n`,
    );
    return fits ? EXIT.done : EXIT.findings;
  }
  await write(path, lockText(after));
  io.out(`${name} ${fits ? "is as it was" : before ? "is written anew" : "is written"}\n`);
  return EXIT.done;
}

async function rootOf(paths: readonly string[]): Promise<string> {
  const roots = new Set<string>();
  for (const path of paths) {
    try {
      roots.add(await lockRoot(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new UsageError(`${path} does not exist`);
      throw new UsageError(pathFault(path, "read", error));
    }
  }
  const [root, other] = roots;
  if (other === undefined) return root!;
  throw new UsageError(
    `${shown(root!)} and ${shown(other)} have locks of their own; name one of them`,
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    throw new FailedError(pathFault(shown(path), "written", error));
  }
}
