import type { TableOutcome } from "../../model/collection.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import type { Platform } from "../../schema/types.ts";
import { createBatcher, withoutLongest } from "./batches.ts";
import type { Collector } from "./collector.ts";
import { readLines } from "./lines.ts";
import {
  type AgentMessage,
  type CollectorMessage,
  MAX_LINE,
  PROTOCOL,
  type TaskMessage,
} from "./messages.ts";

/**
 * The life of a collector's process: says hello, answers tasks one after the other, ends when it is told to or when its
 * agent has gone. Messages of the agent are trusted; it started this process.
 */
export async function runCollector(collector: Collector): Promise<void> {
  const procRoot = collector.permissions.proc ? Deno.args[0]! : "";
  try {
    send({
      type: "hello",
      protocol: PROTOCOL,
      name: collector.name,
      deno: Deno.version.deno,
      platform: PLATFORM,
      tables: collector.tables,
    });
    for await (const line of readLines(Deno.stdin.readable, MAX_LINE)) {
      if (line === undefined) continue;
      const message: AgentMessage = JSON.parse(line);
      if (message.type === "shutdown") break;
      send(runTask(collector, message, procRoot));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  Deno.exit(0);
}

const PLATFORM: Platform = Deno.build.os === "darwin"
  ? "macos"
  : Deno.build.os === "windows"
  ? "windows"
  : "linux";

/** Answers a task with batches; the message that ends it is returned. */
function runTask(collector: Collector, task: TaskMessage, procRoot: string): CollectorMessage {
  const deadline = performance.now() + task.deadline;
  const batcher = createBatcher(task.table);
  let seq_no = 0;
  let rows = 0;
  let outcome: TableOutcome = { status: "complete" };
  const flush = () => {
    const batch = batcher.take();
    if (!batch) return;
    sendBatch(task.id, seq_no++, batch);
    rows += batch.rows;
  };
  try {
    for (const reading of collector.collect(task, { procRoot, deadline })) {
      if (batcher.add(reading)) flush();
      if (performance.now() > deadline) {
        outcome = { status: "partial", reason: `only a part was read within ${task.deadline} ms` };
        break;
      }
    }
    flush();
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    flush();
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { type: "error", task: task.id, message: message.slice(0, 1000) };
  }
  return { type: "done", task: task.id, outcome, counters: { rows } };
}

const encoder = new TextEncoder();

function sendBatch(task: number, seq_no: number, batch: RecordBatch): void {
  let whole = batch;
  let line = encode({ type: "batch", task, seq_no, batch });
  while (line.length > MAX_LINE) {
    whole = withoutLongest(whole);
    line = encode({ type: "batch", task, seq_no, batch: whole });
  }
  write(line);
}

function send(message: CollectorMessage): void {
  write(encode(message));
}

function encode(message: CollectorMessage): Uint8Array {
  return encoder.encode(JSON.stringify(message) + "\n");
}

/** Waits where the agent is slower than we are: the pipe is all that is kept. */
function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
