import { pathFault } from "../diagnostics/path_fault.ts";
import { FailedError, UsageError } from "./command.ts";

/** What people write for standard output, which Deno lets no program open by a path. */
const STANDARD_OUTPUT: readonly string[] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/** The error to throw where the file that `--out` names cannot be written. */
export function outFault(path: string, error: unknown): UsageError | FailedError {
  if (STANDARD_OUTPUT.includes(path)) {
    return new UsageError(`${path} cannot be opened; without --out the result goes there`);
  }
  const text = pathFault(path, "written", error);
  return error instanceof Deno.errors.NotCapable ? new UsageError(text) : new FailedError(text);
}
