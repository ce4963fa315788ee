import type { Collectors } from "../../collectors/mod.ts";
import type {
  AskedKey,
  CollectedBatch,
  Resource,
  TableOutcome,
  TaskKeys,
} from "../../model/collection.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { WantedKey } from "./keys.ts";

/** What a stage may cost a host, each table of it by itself. */
export interface TriggerBounds {
  /** Keys that are asked for. */
  readonly keys: number;
  /** Characters, with numbers at eight, of the rows that come. */
  readonly bytes: number;
  /** How long it may take, ms. */
  readonly time: number;
  /** Tables that are asked for at the same time. */
  readonly tables: number;
  /** Keys of one task. What goes wrong with one of them is found by halving. */
  readonly keysPerTask: number;
}

/** The bounds where nobody says otherwise. */
export const TRIGGER_BOUNDS: TriggerBounds = {
  keys: 10_000,
  bytes: 64 << 20,
  time: 30_000,
  tables: 4,
  keysPerTask: 32,
};

/** What is asked of one table in one stage. */
export interface Asking {
  /** The table. */
  readonly table: string;
  /** The columns wanted. */
  readonly project: readonly string[];
  /** Of the rows with these keys, those wanted; absent for all of them. */
  readonly where?: Predicate | undefined;
  /** What somebody looks for, see `CollectionTask.interests`. */
  readonly interests?: readonly Predicate[] | undefined;
  /** The keys, those that matter most first. */
  readonly keys: readonly WantedKey[];
  /** What rows are found by, with its digest. */
  readonly resources?: { readonly files: readonly Resource[]; readonly digest: string } | undefined;
  /** Each key takes long to answer: tasks have few of them, so that few are lost where the time is over. */
  readonly slow?: boolean;
}

/** Keys of a task where each takes long. */
const FEW = 4;

/** Tasks in a row of which no key was answered, after which the collector is taken to be down. */
const HOPELESS = 2;

/** The longest reason that is kept, characters: it comes from a collector, and stands with each key. */
const MAX_REASON = 300;

/**
 * Asks a table's collector for keys, task by task. Each key comes back with what is lacking, if anything is: a bound that
 * was reached, or what the collector says. The rows of a task that could not be answered whole are asked for again by
 * halves, so that one file that nobody can read takes no other along.
 *
 * @param write takes rows, and what is the same for all rows of a task; it may wait
 */
export async function askKeys(
  collectors: Collectors,
  { table, project, where, interests, keys, resources, slow }: Asking,
  bounds: TriggerBounds,
  write: (batch: CollectedBatch, task: unknown) => Promise<void>,
): Promise<readonly AskedKey[]> {
  const until = performance.now() + bounds.time;
  const asked: AskedKey[] = [];
  let size = 0;
  let hopeless = 0;
  let reason = "";

  const note = (list: readonly WantedKey[], lacking?: string) => {
    for (const { process: _, ...key } of list) {
      asked.push({
        ...key,
        ...(resources && { resources: resources.digest }),
        ...(lacking !== undefined && { lacking: lacking.slice(0, MAX_REASON) }),
      });
    }
  };
  /** Why no more is asked; `undefined` where more may be. */
  const bound = () =>
    performance.now() >= until
      ? `bound of ${bounds.time / 1000} s reached`
      : size >= bounds.bytes
      ? `bound of ${bounds.bytes >> 20} MiB reached`
      : hopeless >= HOPELESS
      ? reason
      : undefined;

  /** How many of the keys were answered. */
  const ask = async (list: readonly WantedKey[]): Promise<number> => {
    const reached = bound();
    if (reached !== undefined) return note(list, reached), 0;
    const collection = collectors.collect({
      table,
      project,
      deadline: Math.max(1, Math.ceil(until - performance.now())),
      keys: taskKeys(list),
      ...(where && { where }),
      ...(interests && { interests }),
      ...(resources && { resources: resources.files }),
    });
    const batches: CollectedBatch[] = [];
    let came = 0;
    let outcome: TableOutcome | undefined;
    while (!outcome) {
      const next = await collection.next();
      if (next.done) outcome = next.value;
      else {
        batches.push(next.value);
        came += sizeOf(next.value);
        if (size + came < bounds.bytes) continue;
        size += came;
        came = 0;
        await collection.return({ status: "complete" });
        outcome = { status: "partial", reason: bound()! };
      }
    }
    if (outcome.status !== "complete" && list.length > 1 && bound() === undefined) {
      const half = Math.ceil(list.length / 2);
      return await ask(list.slice(0, half)) + await ask(list.slice(half));
    }
    size += came;
    const found = {
      key: list[0]!.column,
      ...(resources && { resources: resources.digest }),
    };
    for (const batch of batches) await write({ ...batch, ...found }, list);
    if (outcome.status === "complete") return note(list), list.length;
    reason = outcome.reason;
    return note(list, reason), 0;
  };

  const perTask = slow ? Math.min(FEW, bounds.keysPerTask) : bounds.keysPerTask;
  for (const list of tasksOf(keys.slice(0, bounds.keys), perTask)) {
    const answered = await ask(list);
    hopeless = answered > 0 ? 0 : hopeless + 1;
  }
  // Of those beyond twice the bound it is enough that they were not asked for.
  note(keys.slice(bounds.keys, 2 * bounds.keys), `bound of ${bounds.keys} keys reached`);
  return asked;
}

/** The keys of each task: of one column, and in the order of the first of them. */
function tasksOf(keys: readonly WantedKey[], size: number): readonly (readonly WantedKey[])[] {
  const tasks: WantedKey[][] = [];
  const open = new Map<string, WantedKey[]>();
  for (const key of keys) {
    const task = open.get(key.column);
    if (task && task.length < size) task.push(key);
    else {
      tasks.push([key]);
      open.set(key.column, tasks.at(-1)!);
    }
  }
  return tasks;
}

function taskKeys(list: readonly WantedKey[]): TaskKeys {
  const values = list.filter(({ glob }) => !glob);
  const globs = list.filter(({ glob }) => glob).map(({ value }) => String(value));
  const knowsProcesses = values.some(({ process }) => process !== undefined);
  return {
    column: list[0]!.column,
    ...(values.length > 0 && { values: values.map(({ value }) => value) }),
    ...(knowsProcesses && { processes: values.map(({ process }) => process ?? null) }),
    ...(globs.length > 0 && { globs }),
  };
}

function sizeOf({ values }: CollectedBatch): number {
  let size = 0;
  for (const cells of values) {
    for (const cell of cells) size += typeof cell === "string" ? cell.length : 8;
  }
  return size;
}
