import { dirname } from "@std/path";
import { refusal } from "../diagnostics/path_fault.ts";
import { openStore, type Store, StoreError, type StoreReader } from "../store/mod.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { FailedError } from "./command.ts";

/**
 * Opens the store for a command that changes it.
 *
 * @throws {FailedError} with what to do, where it cannot be opened
 */
export async function openForWriting(path: string, command: string): Promise<Store> {
  try {
    return await openStore({
      path,
      mode: "write",
      holder: `daemoneye ${command}`,
      catalogue: CATALOGUE,
      // What an agent finds has to be stored on a full disk, too; a command can be run again.
      reserve: command === "agent",
    });
  } catch (error) {
    throw failed(error, path);
  }
}

/**
 * Opens the store for a command that only reads it.
 *
 * @returns `undefined` where there is no store yet: nothing was ever stored
 * @throws {FailedError} with what to do, where it cannot be opened
 */
export async function openForReading(
  path: string,
  command: string,
): Promise<StoreReader | undefined> {
  try {
    return await openStore({
      path,
      mode: "read",
      holder: `daemoneye ${command}`,
      catalogue: CATALOGUE,
    });
  } catch (error) {
    if (error instanceof StoreError && error.kind === "missing") return undefined;
    throw failed(error, path);
  }
}

function failed(error: unknown, path: string): unknown {
  if (!(error instanceof StoreError)) return error;
  const hint = whatToDo(error, path);
  return new FailedError(hint === undefined ? error.message : `${error.message}; ${hint}`);
}

function whatToDo({ kind, message }: StoreError, path: string): string | undefined {
  switch (kind) {
    case "format":
      return /store format \d/.test(message)
        ? "another version of daemoneye wrote it, and it stays as it is: use that version, or another --state"
        : undefined;
    case "full":
      return `make room on the disk of ${path}`;
    case "unreadable": {
      const reason = whyNotWritable(dirname(path));
      return reason && `${dirname(path)} cannot be written to (${reason}), which the store needs ` +
          "even to be read: mend that, or copy the files of the store elsewhere and name them by --state";
    }
    default:
      return undefined;
  }
}

/** Why no file can be made in a folder, in words; `undefined` where one can. */
function whyNotWritable(folder: string): string | undefined {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: ".daemoneye-" }));
    return undefined;
  } catch (error) {
    return refusal(error).reason;
  }
}
