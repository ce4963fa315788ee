import type { RecordBatch } from "../../schema/batch.ts";
import type { TaskCounters, TaskMessage } from "./messages.ts";
import { sendBatch } from "./output.ts";

/** A collector's side of one task: what the agent lets it send, and what it has sent. */
export interface Channel {
  /** Aborted when the agent does not want the task any more. */
  readonly signal: AbortSignal;
  /** Whether a batch may be sent now. */
  isOpen(): boolean;
  /** Waits until a batch may be sent, the task is being cancelled, or a time has come (as `performance.now()` counts). */
  opened(until: number): Promise<void>;
  /** Sends a batch, which has to be allowed. What is to be forgotten is called once the agent has stored it. */
  send(batch: RecordBatch, forget: readonly (() => void)[]): void;
  /** Counts lost records. */
  drop(count: number, reason: string): void;
  /** What was counted, and the last reason of a loss. */
  count(): { readonly counters: TaskCounters; readonly reason?: string };
  /** Whether something waits for the agent's word that it is stored. */
  isAwaiting(): boolean;
  /** The agent allows more batches. */
  grant(batches: number): void;
  /** The agent has stored a batch and all before it. */
  acknowledge(seq_no: number): void;
  /** The agent wants no more. */
  cancel(): void;
}

/** Reasons are words for people; nobody reads more. */
const MAX_REASON = 300;

/** Makes the channel of a task; `onLoss` is called after each loss. */
export function createChannel(
  { id, credits = Infinity }: TaskMessage,
  onLoss: () => void = () => {},
): Channel {
  const aborter = new AbortController();
  const pending = new Map<number, readonly (() => void)[]>();
  let allowed = credits;
  let seq_no = 0;
  let rows = 0;
  let dropped = 0;
  let acknowledged = 0;
  let reason: string | undefined;
  let wake = () => {};

  return {
    signal: aborter.signal,
    isOpen: () => allowed > 0,
    async opened(until) {
      if (allowed > 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const patience = until - performance.now();
      const timer = Number.isFinite(patience) && setTimeout(resolve, Math.max(0, patience));
      await promise;
      if (timer) clearTimeout(timer);
    },
    send(batch, forget) {
      sendBatch(id, seq_no, batch);
      if (forget.length > 0) pending.set(seq_no, forget);
      seq_no++;
      allowed--;
      rows += batch.rows;
    },
    drop(count, why) {
      dropped += count;
      reason = why.slice(0, MAX_REASON);
      onLoss();
    },
    count: () => ({ counters: { rows, dropped, acknowledged }, ...(reason && { reason }) }),
    isAwaiting: () => pending.size > 0,
    grant(batches) {
      allowed += batches;
      wake();
    },
    acknowledge(stored) {
      acknowledged = Math.max(acknowledged, Math.min(stored + 1, seq_no));
      for (const [seq, forget] of pending) {
        if (seq > stored) break;
        pending.delete(seq);
        for (const call of forget) call();
      }
    },
    cancel() {
      aborter.abort();
      wake();
    },
  };
}
