import { checkBatch, type RecordBatch } from "../../schema/batch.ts";
import { collectedColumns, METADATA_COLUMNS } from "../../schema/columns.ts";
import type { Platform, TableSpec } from "../../schema/types.ts";
import type { Connection } from "./connection.ts";
import { loosen } from "./loosen.ts";
import type { TaskMessage } from "./messages.ts";
import { unpack } from "../../schema/packing.ts";
import { PACK_LIMITS } from "./batches.ts";
import type { Checked, CheckedMessage } from "./protocol.ts";

/** What is heard of a task. */
export type Heard =
  | { readonly type: "batch"; readonly seq_no: number; readonly batch: RecordBatch }
  | Checked<"done">
  | Checked<"error">
  /** Something of the task was lost: so many records that the collector has counted, so many of its messages. */
  | {
    readonly type: "lost";
    readonly records: number;
    readonly messages: number;
    readonly reason: string;
  }
  /** Nothing will come any more: why, in words. */
  | { readonly type: "ended"; readonly reason: string };

/** The agent's side of one task. */
export interface Exchange {
  /** Waits for what comes next; a collector that is silent for so many milliseconds is killed. */
  next(patience: number): Promise<Heard>;
  /** Allows one batch more. */
  grant(): void;
  /** Tells that a batch and all before it are stored; also after the end. */
  acknowledge(seq_no: number): void;
  /** Whether the last that will be heard of the task has come, also where nobody has taken it yet. */
  isOver(): boolean;
  /** Says that no more is wanted; what is left still comes, then `done`. */
  cancel(): void;
  /** Forgets the task. */
  close(): void;
}

/** A collector's process and the tasks that it works on. */
export interface Session {
  /** The process. */
  readonly connection: Connection;
  /** Whether it can still be asked. */
  isAlive(): boolean;
  /** Gives it a task, as far as it can apply its predicate; its id is chosen here. */
  start(task: Omit<TaskMessage, "type" | "id" | "credits">, spec: TableSpec): Exchange;
  /** Ends it: with a word, and after so many milliseconds by force. Safe to call twice. */
  end(word: "shutdown" | "drain", patience: number): Promise<void>;
}

/** What a session tells its supervisor. */
export interface SessionEvents {
  /** Messages were broken, refused or never came, or records were lost before they were sent. */
  dropped(count: number): void;
  /** It has told how it is. */
  heartbeat(message: Checked<"heartbeat">): void;
}

/** Messages in a row that may be broken before a collector is killed. */
const MAX_BROKEN = 3;

/** Batches that a collector may be ahead of us. */
const CREDITS = 4;

/** Heartbeats that a collector which watches may miss. */
const MISSED_HEARTBEATS = 3;

interface Mailbox {
  readonly spec: TableSpec;
  readonly letters: Heard[];
  wake: () => void;
  /** Batches that came, and those that may. */
  batches: number;
  allowed: number;
  /** Records that the collector has said to be lost. */
  dropped: number;
  last: boolean;
}

/**
 * Reads all that a collector says, checks it, and sorts it by task. What is broken is dropped and counted; three broken
 * messages in a row are the end of it. No more is kept than what it was allowed to send.
 */
export function createSession(
  connection: Connection,
  platform: Platform,
  events: SessionEvents,
): Session {
  const tasks = new Map<number, Mailbox>();
  let lastTask = 0;
  let broken = 0;
  let alive = true;
  let heard = true;
  let watchdog: ReturnType<typeof setInterval> | undefined;
  let watched = 0;

  const post = (box: Mailbox, letter: Heard) => {
    const before = box.letters.at(-1);
    // Losses without end are one loss: what nobody has read yet must not grow.
    if (letter.type === "lost" && before?.type === "lost") {
      box.letters.pop();
      letter = {
        ...letter,
        records: letter.records + before.records,
        messages: letter.messages + before.messages,
      };
    }
    box.letters.push(letter);
    box.wake();
  };
  const lose = (messages: number, reason: string) => {
    events.dropped(messages);
    // Nobody can tell what a broken message would have said, so every task may have lost something.
    for (const box of tasks.values()) {
      if (!box.last) post(box, { type: "lost", records: 0, messages, reason });
    }
  };

  /** Sorts a message; `false` where it is broken. */
  const sort = (message: CheckedMessage): boolean => {
    if (message.type === "hello") return false;
    if (message.type === "heartbeat") {
      events.heartbeat(message);
      for (const { task, counters, reason } of message.tasks) {
        const box = tasks.get(task);
        if (box) noteDropped(box, counters.dropped, reason);
      }
      return true;
    }
    const box = tasks.get(message.task);
    if (!box || box.last) return false;
    if (message.type !== "batch") {
      if (message.type === "done") noteDropped(box, message.counters.dropped);
      box.last = true;
      post(box, message);
      return true;
    }
    const { seq_no } = message;
    if (seq_no < box.batches || seq_no >= box.allowed) return false;
    const batch = check(message.batch, box.spec, platform);
    if (!batch) return false;
    if (seq_no > box.batches) lose(seq_no - box.batches, "messages never came");
    box.batches = seq_no + 1;
    post(box, { type: "batch", seq_no, batch: withGaps(batch, box.spec, platform) });
    return true;
  };
  const noteDropped = (box: Mailbox, dropped: number, reason = "it does not say why") => {
    if (dropped <= box.dropped) return;
    const records = dropped - box.dropped;
    post(box, { type: "lost", records, messages: 0, reason });
    events.dropped(records);
    box.dropped = dropped;
  };

  const pump = async () => {
    for await (const message of connection.messages) {
      heard = true;
      if (message && sort(message)) {
        broken = 0;
        continue;
      }
      lose(1, "it sent a broken message");
      if (++broken === MAX_BROKEN) {
        connection.kill(`it sent ${MAX_BROKEN} broken messages in a row`);
        break;
      }
    }
  };
  const over = pump().then(() => connection.ended).then((reason) => {
    alive = false;
    clearInterval(watchdog);
    for (const box of tasks.values()) if (!box.last) post(box, { type: "ended", reason });
  });

  const watchFor = (heartbeat: number) => {
    let missed = 0;
    watchdog = setInterval(() => {
      missed = heard ? 0 : missed + 1;
      heard = false;
      if (missed === MISSED_HEARTBEATS) connection.kill("it fell silent");
    }, heartbeat * 1.5);
  };

  return {
    connection,
    isAlive: () => alive,
    start(task, spec) {
      const id = ++lastTask;
      const credits = task.thrifty ? 1 : CREDITS;
      const box: Mailbox = {
        spec,
        letters: [],
        wake: () => {},
        batches: 0,
        allowed: credits,
        dropped: 0,
        last: false,
      };
      tasks.set(id, box);
      if (!alive) post(box, { type: "ended", reason: "it has ended" });
      connection.say({ type: "task", id, credits, ...applicable(task, connection.hello) });
      if (task.watch && watched++ === 0) watchFor(task.watch.heartbeat);
      return {
        async next(patience) {
          if (box.letters.length === 0) {
            const timer = Number.isFinite(patience) && setTimeout(
              () => connection.kill("it did not answer in time"),
              Math.max(0, patience),
            );
            await new Promise<void>((resolve) => box.wake = resolve);
            if (timer) clearTimeout(timer);
          }
          return box.letters.shift()!;
        },
        grant() {
          box.allowed++;
          connection.say({ type: "credit", task: id, batches: 1 });
        },
        acknowledge: (seq_no) => connection.say({ type: "ack", task: id, seq_no }),
        isOver: () => box.last || !alive,
        cancel: () => connection.say({ type: "cancel", task: id }),
        close() {
          if (!tasks.delete(id)) return;
          if (task.watch && --watched === 0) clearInterval(watchdog);
        },
      };
    },
    async end(word, patience) {
      connection.say({ type: word });
      const timer = setTimeout(() => connection.kill("it was ended"), patience);
      await over;
      clearTimeout(timer);
    },
  };
}

/** A task without what a collector cannot apply; a limit counts only the rows that the whole predicate wants. */
function applicable<T extends Pick<TaskMessage, "where" | "limit">>(
  task: T,
  { pushdown }: Checked<"hello">,
): Omit<T, "where" | "limit"> & Pick<TaskMessage, "where" | "limit"> {
  let whole = true;
  const { where, limit, ...rest } = task;
  const kept = where && loosen(where, ({ op }) => {
    whole &&= pushdown.includes(op);
    return !pushdown.includes(op);
  });
  return { ...rest, ...(kept && { where: kept }), ...(whole && limit !== undefined && { limit }) };
}

/** The batch in its exact types; `undefined` where it is none of the table. */
function check(batch: unknown, spec: TableSpec, platform: Platform): RecordBatch | undefined {
  try {
    return checkBatch(unpack(batch, PACK_LIMITS), spec, platform);
  } catch {
    return undefined;
  }
}

/** The batch with a gap for each column that its collector could have supplied and did not. */
function withGaps(batch: RecordBatch, spec: TableSpec, platform: Platform): RecordBatch {
  const told = new Set([...batch.columns, ...batch.gaps.map(({ column }) => column)]);
  const untold = collectedColumns(spec, platform).map(({ name }) => name)
    .filter((name) => !told.has(name) && !(name in METADATA_COLUMNS));
  const gaps = untold.map((column) => ({ column, reason: "not_collected", rows: "all" }) as const);
  return { ...batch, gaps: [...batch.gaps, ...gaps] };
}
