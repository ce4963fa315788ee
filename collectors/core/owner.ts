import { readLines } from "./lines.ts";
import { type CommandLine, spawn } from "./means.ts";
import { keepTail } from "./tail.ts";
import { within } from "../../std/within.ts";

/** A process that owns something of the kernel as long as its standard input is open. */
export interface Owner {
  /** What it said once it had it, a line. */
  readonly said: string;
  /** The end of what it wrote to its standard error, in words. */
  complaint(): string;
  /** Has it give back what it owns, and ends it, by force where it does not end by itself. Safe to call twice. */
  close(): Promise<void>;
}

/** How an owner is started. */
export interface OwnerOptions {
  /** Its environment besides what every child has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborted where nobody wants it any more before it has begun. */
  readonly signal?: AbortSignal | undefined;
  /** ms in which it must have begun; longer than that takes on a busy host if absent. */
  readonly beginning?: number;
  /** ms in which it must have ended before it is killed; 3 seconds if absent. */
  readonly farewell?: number;
}

/** Bytes of what it says: among that may be a path for every filesystem of the host. */
const MAX_SAID = 2 ** 22;

/**
 * Starts an owner and waits for what it says.
 *
 * @throws {Error} in words, where it ends instead, or does not say anything in time
 */
export async function startOwner(
  command: CommandLine,
  { env = {}, signal, beginning = 30_000, farewell = 3000 }: OwnerOptions = {},
): Promise<Owner> {
  const owner = spawn(command, "piped", env);
  const stderr = keepTail(owner.stderr);
  const lines = readLines(owner.stdout, MAX_SAID);
  const line = lines.next().finally(() => lines.return());
  const ended = Promise.all([owner.status, stderr.closed, line]);
  const complaint = () => stderr.text().split(" | ")[0]!;
  const close = async () => {
    await owner.stdin.close().catch(() => {});
    if (await within(ended, farewell)) return;
    try {
      owner.kill("SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
    // Not even force ends a process at once that waits for a filesystem which does not answer.
    await within(ended, farewell);
  };
  const first = await within(line, beginning, signal);
  if (first?.value) return { said: new TextDecoder().decode(first.value), complaint, close };
  await close();
  if (first) throw new Error(complaint() || "it says nothing");
  throw new Error(
    signal?.aborted ? "it is not wanted any more" : `it did not begin within ${beginning / 1000} s`,
  );
}
