/** What is made on the host, and how soon it is told of in rows of an event table. */
import { openCollectors } from "../../collectors/mod.ts";

/** A row that is of something which was made for the measuring. */
export interface Sighting {
  /** When it was made, ms since the epoch. */
  readonly made: number;
  /** Whether the row has what only those see who come in time. */
  readonly whole: boolean;
}

/** What is measured. */
export interface WatchOptions {
  readonly table: string;
  readonly project: readonly string[];
  /** Folders that are watched. */
  readonly paths?: readonly string[];
  /** What a row is of; `undefined` where it is of something else. */
  sighting(cell: (column: string) => unknown): Sighting | undefined;
  /** What is made, as a plural. */
  readonly things: string;
  /** What a whole row has. */
  readonly whole: string;
}

/** A table that is being watched. */
export interface Watched {
  /** Events that were lost so far. */
  lost(): number;
  /** Makes something until a row comes: the collector watches when it tells. */
  ready(make: () => Promise<unknown>): Promise<void>;
  /** Makes so many, waits until they are told of or nothing comes for two seconds, and prints how soon. */
  measure(what: string, count: number, make: () => Promise<unknown>): Promise<void>;
  /** Prints how each collector ran, and ends. */
  end(): Promise<void>;
}

/** Watches a table of this host through its confined collector. */
export async function watchTable(options: WatchOptions): Promise<Watched> {
  const { table, project, paths, sighting } = options;
  const collectors = await openCollectors({
    platform: "linux",
    policy: "preferred",
    ...(paths && { paths }),
  });
  const aborter = new AbortController();
  const seen: { readonly delay: number; readonly whole: boolean }[] = [];
  let lost = 0;
  let any = false;
  const onLoss = ({ count = 1 }) => void (lost += count);
  const reading = (async () => {
    for await (
      const batch of collectors.watch({ table, project, onLoss }, aborter.signal)
    ) {
      const now = Date.now();
      const places = new Map(batch.columns.map((column, index) => [column, index]));
      for (let row = 0; row < batch.rows; row++) {
        any = true;
        const one = sighting((column) => batch.values[places.get(column)!]?.[row]);
        if (one) seen.push({ delay: now - one.made, whole: one.whole });
      }
      batch.acknowledge?.();
    }
  })();
  return {
    lost: () => lost,
    async ready(make) {
      while (!any) await make();
      await pause(1000);
      seen.length = 0;
    },
    async measure(what, count, make) {
      const began = performance.now();
      await make();
      const took = performance.now() - began;
      for (let last = -1; seen.length < count && seen.length !== last;) {
        last = seen.length;
        await pause(2000);
      }
      const delays = seen.map(({ delay }) => delay).sort((one, other) => one - other);
      const at = (share: number) => delays[Math.floor(share * (delays.length - 1))];
      const whole = seen.filter(({ whole }) => whole).length;
      console.log(
        `${what}: ${seen.length} of ${count} ${options.things} told, ${lost} events lost; ${
          Math.round(took)
        } ms to make them`,
      );
      console.log(
        `  made to row: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms;` +
          ` ${Math.round(100 * whole / seen.length)} % ${options.whole}`,
      );
      seen.length = 0;
    },
    async end() {
      for (const { name, confinement, memory } of collectors.reports()) {
        console.log(`${name}: ${confinement}, ${Math.round((memory ?? 0) / 2 ** 20)} MB resident`);
      }
      aborter.abort();
      await reading;
      await collectors[Symbol.asyncDispose]();
    },
  };
}

/** Waits for so many ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
