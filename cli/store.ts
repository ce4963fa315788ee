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
    throw failed(error);
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
    throw failed(error);
  }
}

function failed(error: unknown): unknown {
  return error instanceof StoreError ? new FailedError(error.message) : error;
}
