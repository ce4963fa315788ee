import { openCollectors } from "../../collectors/mod.ts";
import type {
  CollectionTask,
  CollectorReport,
  ConfinementPolicy,
  TableOutcome,
} from "../../model/collection.ts";
import type { HashCache } from "../../model/hash_cache.ts";
import { processes } from "../../profiles/processes.ts";
import type { Cell, GapReason, RecordBatch } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";

/** A row with why its values are missing. */
export interface ReadRow {
  readonly values: Readonly<Record<string, Cell>>;
  readonly gaps: Readonly<Record<string, GapReason>>;
}

/** Columns of `processes` that are read in any case. */
export const CHEAP = collectedColumns(processes, "linux").filter(({ costly }) => !costly)
  .map(({ name }) => name);

/** Columns of {@linkcode CHEAP} without those that take hashing. */
export const UNHASHED = CHEAP.filter((name) =>
  !["executable_hash", "hash_algorithm", "file_exists"].includes(name)
);

/** The rows of a batch as objects. */
export function toRows({ columns, values, rows, gaps }: RecordBatch): ReadRow[] {
  return Array.from({ length: rows }, (_, row) => ({
    values: Object.fromEntries(columns.map((column, index) => [column, values[index]![row]!])),
    gaps: Object.fromEntries(
      gaps.filter((gap) => gap.rows === "all" || gap.rows.includes(row))
        .map(({ column, reason }) => [column, reason]),
    ),
  }));
}

/** Reads a collection to its end. */
export async function drain(
  batches: AsyncGenerator<RecordBatch, TableOutcome, void>,
): Promise<{ readonly rows: ReadRow[]; readonly outcome: TableOutcome }> {
  const rows: ReadRow[] = [];
  for (let next = await batches.next();; next = await batches.next()) {
    if (next.done) return { rows, outcome: next.value };
    rows.push(...toRows(next.value));
  }
}

/** What one collection of `processes` gave. */
export interface Collected {
  readonly rows: ReadRow[];
  readonly outcome: TableOutcome;
  readonly reports: CollectorReport[];
  readonly byPid: ReadonlyMap<Cell | undefined, ReadRow>;
}

/** Collects `processes` once. */
export async function collectProcesses(
  options: Partial<CollectionTask> & {
    readonly policy?: ConfinementPolicy;
    readonly cache?: HashCache;
  } = {},
): Promise<Collected> {
  const { policy = "preferred", cache, project = UNHASHED, deadline = 60_000 } = options;
  await using collectors = await openCollectors({
    platform: "linux",
    policy,
    ...(cache && { cache }),
  });
  const { rows, outcome } = await drain(
    collectors.collect({ table: "processes", project, deadline }),
  );
  const reports = collectors.reports();
  return { rows, outcome, reports, byPid: new Map(rows.map((row) => [row.values.pid, row])) };
}

/** A hash cache in memory. */
export function memoryCache(): HashCache & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: (keys) =>
      Promise.resolve(
        new Map(keys.filter((key) => entries.has(key)).map((key) => [key, entries.get(key)!])),
      ),
    set(added) {
      for (const [key, hash] of added) entries.set(key, hash);
      return Promise.resolve();
    },
  };
}

export const isLinux = Deno.build.os === "linux";
export const isRoot = isLinux && Deno.uid() === 0;

/** Whether a program can be started. */
export function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Whether this host lets us make namespaces and mount in them; found out without the code under test. */
export function canConfine(): boolean {
  const args = [
    "--mount",
    "--net",
    "--ipc",
    "--uts",
    "--pid",
    "--fork",
    "mount",
    "-t",
    "tmpfs",
    "none",
    "/sys",
  ];
  try {
    return isRoot && new Deno.Command("unshare", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Whether tracefs is at hand, as root. */
export function canTrace(): boolean {
  try {
    return isRoot && Deno.statSync("/sys/kernel/tracing/instances").isDirectory;
  } catch {
    return false;
  }
}

/** Defines a test that needs something of the host; where that is missing, the reason is printed and the test ignored. */
export function testWith(
  needs: Readonly<Record<string, boolean>>,
  name: string,
  fn: () => Promise<void> | void,
): void {
  const missing = Object.keys(needs).filter((need) => !needs[need]);
  if (missing.length) console.log(`ignored: ${name}: needs ${missing.join(", ")}`);
  Deno.test({ name, ignore: missing.length > 0, fn });
}

/** Starts a program that is killed when it goes out of scope. */
export function run(
  program: string,
  args: readonly string[] = [],
  options: {
    readonly env?: Record<string, string>;
    readonly clearEnv?: boolean;
    readonly cwd?: string;
  } = {},
): Deno.ChildProcess & AsyncDisposable {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    ...options,
  }).spawn();
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
    },
  });
}

/** Waits until something is true, at most so many ms and the time that finding out takes. */
export async function until(
  what: string,
  isTrue: () => boolean,
  patience = 60_000,
): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > patience / 10) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Text of a file, empty where it cannot be read. */
export function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** The processes that this thread has started; other tests run in others. */
export function childProcesses(): number[] {
  return (textOf("/proc/thread-self/children").match(/\d+/g) ?? []).map(Number);
}

/** Where a link leads, empty where it cannot be read. */
export function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

/** Bytes as hexadecimal digits. */
export function encodeHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
