import type { RecordBatch } from "../../schema/batch.ts";
import { PACK_LIMITS, withoutLongest } from "./batches.ts";
import { frame } from "./frame.ts";
import { type BatchMessage, type CollectorMessage, MAX_LINE } from "./messages.ts";
import { pack } from "../../schema/packing.ts";

/** Says something to the agent. The process ends where the agent has gone. */
export function send(message: CollectorMessage): void {
  write(frame(message));
}

/** Sends rows of a task; the longest texts of what does not fit into a message become NULL. */
export function sendBatch(task: number, seq_no: number, batch: RecordBatch): void {
  let whole = batch;
  let line = lineOf(task, seq_no, whole);
  while (line.length > MAX_LINE) {
    whole = withoutLongest(whole);
    line = lineOf(task, seq_no, whole);
  }
  write(line);
}

function lineOf(task: number, seq_no: number, batch: RecordBatch): Uint8Array {
  return frame(
    { type: "batch", task, seq_no, batch: pack(batch, PACK_LIMITS) } satisfies BatchMessage,
  );
}

/** Waits where the agent is slower than we are: the pipe is all that is kept. */
function write(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    Deno.exit(0);
  }
}
