import type { Platform } from "../../schema/types.ts";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { connectionReadings } from "./connections.ts";
import type { Identify } from "./identity.ts";
import { interfaceReadings } from "./interfaces.ts";
import { ask, type Call, CALLS, Unanswered } from "./library.ts";
import { basemond } from "./mod.ts";
import { performanceReadings, processReadings } from "./processes.ts";

/** What differs from platform to platform. */
export interface Base {
  /** The platform. */
  readonly platform: Platform;
  /** Tells who processes are, found out anew for each reading. */
  readonly identify: () => Promise<Identify>;
  /** Whether the library can count what interfaces carry without being let into files. */
  readonly counts: boolean;
}

/** ms before the deadline at which the library must have answered, so that its rows can still be sent. */
const SENDING = 200;

/** The life of this collector's process on a platform; the library's calls are others in tests. */
export async function runBase(base: Base, calls: typeof CALLS = CALLS): Promise<void> {
  const collect = async (task: TaskMessage, { deadline }: CollectorContext) => {
    try {
      const readings = await readTable(task.table, base, deadline - SENDING, calls);
      // The library says nothing where its programs fail, and every host has something of each.
      if (readings.length === 0) {
        throw new Error(`systeminformation tells nothing of ${task.table}`);
      }
      return readings;
    } catch (error) {
      // Nobody knows what a call still does that has not answered: its process is not used again.
      if (!(error instanceof Unanswered)) throw error;
      console.error(error.message);
      Deno.exit(1);
    }
  };
  await runCollector(defineCollector({ ...basemond, collect }));
}

async function readTable(
  table: string,
  { platform, identify, counts }: Base,
  deadline: number,
  calls: typeof CALLS,
): Promise<readonly Reading[]> {
  const told = (call: Call) => ask(call, deadline, calls);
  switch (table) {
    case "processes":
    case "process_performance": {
      const now = Date.now();
      const list = await told("processes");
      // Afterwards, so that none is in the list that nobody has heard of.
      const context = { platform, now, identify: await identify() };
      return table === "processes"
        ? processReadings(list, context)
        : performanceReadings(list, context);
    }
    case "network_connections":
      return connectionReadings(await told("networkConnections"));
    default: {
      const interfaces = await told("networkInterfaces");
      const stats = counts ? await told("networkStats").catch(() => undefined) : undefined;
      return interfaceReadings(interfaces, stats, Deno.networkInterfaces(), platform);
    }
  }
}

/** What a program of the host says. */
export async function say(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args: [...args], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
