import process from "node:process";
import "./existence.ts";
import { networkConnections, networkInterfaces, networkStats, processes } from "systeminformation";

/**
 * The calls of the library that are made. It asks programs of the host: `ps`, `netstat`, `ss`, `ip` and `ifconfig` through
 * a shell, and PowerShell (https://systeminformation.io).
 */
export const CALLS: Readonly<Record<Call, () => Promise<unknown>>> = {
  processes: () => processes(),
  networkConnections: () => networkConnections(),
  networkInterfaces: () => networkInterfaces(),
  networkStats: () => networkStats("*"),
};

/** The name of a call. */
export type Call = "processes" | "networkConnections" | "networkInterfaces" | "networkStats";

/**
 * Asks the library. Some of its calls never answer (`processes` above some 3,000 processes), and some of its faults reach
 * nobody who waits for it: both end the waiting.
 *
 * @param deadline as `performance.now()` counts
 * @throws {Error} in words, where there is no answer by then
 */
export async function ask(
  call: Call,
  deadline: number,
  calls: typeof CALLS = CALLS,
): Promise<unknown> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const left = Math.max(0, Math.round(deadline - performance.now()));
  const timer = setTimeout(
    () => reject(new Unanswered(`${call}() of systeminformation did not answer within ${left} ms`)),
    left,
  );
  const fail = (error: unknown) =>
    reject(new Error(`${call}() of systeminformation failed: ${inWords(error)}`));
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  try {
    return await Promise.race([calls[call]().catch(fail), failed]);
  } finally {
    clearTimeout(timer);
    process.off("uncaughtException", fail);
    process.off("unhandledRejection", fail);
  }
}

/** Thrown where a call has not answered, and may never do. */
export class Unanswered extends Error {
  /** Tells it from other errors. */
  override readonly name = "Unanswered";
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
