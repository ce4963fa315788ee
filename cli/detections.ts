import { findDetections, loadDetections, type LoadedFile } from "../compiler/files.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { pathFault } from "../diagnostics/path_fault.ts";
import { renderText } from "../diagnostics/text.ts";
import { CATALOGUE, type Catalogue } from "../profiles/mod.ts";
import { UsageError } from "./command.ts";
import type { Io } from "./io.ts";

/**
 * Reads the detections under paths, with progress.
 *
 * @throws {UsageError} where a path does not exist or holds no detection
 */
export async function readDetections(
  paths: readonly string[],
  io: Io,
  catalogue: Catalogue = CATALOGUE,
): Promise<readonly LoadedFile[]> {
  let files: readonly string[];
  try {
    files = await findDetections(paths);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(error.message);
    throw new UsageError(pathFault(paths.join(", "), "read", error));
  }
  if (files.length === 0) throw new UsageError(`no detection (*.sql) under ${paths.join(", ")}`);
  const loaded = await loadDetections(files, catalogue, (index) => {
    if (index % 20 === 0) io.progress(`compiling ${index + 1} of ${files.length}`);
  });
  io.progress("");
  return loaded;
}

/** Tells of files that do not compile; they take no part, and everything else goes on. */
export function reportFaults(loaded: readonly LoadedFile[], io: Io): void {
  for (const { diagnostics, source } of loaded) {
    for (const one of diagnostics) {
      if (one.severity === "error") io.err(renderText(one, source) + "\n");
    }
  }
}

/** Whether any file has an error. */
export function anyErrors(loaded: readonly LoadedFile[]): boolean {
  return loaded.some(({ diagnostics }) => hasErrors(diagnostics));
}
