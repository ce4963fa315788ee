import type { TableOutcome } from "../../model/collection.ts";
import type { Platform } from "../../schema/types.ts";
import { tidyAtRest } from "../../std/garbage.ts";
import { type Channel, createChannel } from "./channel.ts";
import { collectTask } from "./collect_task.ts";
import type { Collector, Places, WatchContext } from "./collector.ts";
import { readLines } from "./lines.ts";
import { type AgentMessage, MAX_LINE, PROTOCOL, type TaskMessage } from "./messages.ts";
import { send } from "./output.ts";
import { PUSHDOWN } from "./sieve.ts";
import { watchTask } from "./watch_task.ts";

/** Milliseconds after a loss in which the agent is told of it. */
const LOSS_TOLD = 200;

/** Characters of a reason that are told: what is missing may be a list of files. */
const MAX_REASON = 2000;

/** Tasks that have ended and whose rows are not yet stored. */
const MAX_AWAITING = 64;

const PLATFORM: Platform = Deno.build.os === "darwin"
  ? "macos"
  : Deno.build.os === "windows"
  ? "windows"
  : "linux";

/**
 * The life of a collector's process: says hello, answers tasks, ends when it is told to or when its agent has gone.
 * Messages of the agent are trusted; it started this process.
 */
export async function runCollector(collector: Collector): Promise<void> {
  const places: Places = JSON.parse(Deno.args[0] ?? "{}");
  const running = new Map<number, Channel>();
  const watching = new Map<number, Promise<void>>();
  const awaiting = new Map<number, Channel>();
  let collecting = Promise.resolve();
  let draining = false;
  const stir = tidyAtRest();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let told: ReturnType<typeof setTimeout> | undefined;

  const beat = () => {
    clearTimeout(told);
    told = undefined;
    send({
      type: "heartbeat",
      memory: Deno.memoryUsage().rss,
      tasks: [...running].map(([task, channel]) => ({ task, ...channel.count() })),
    });
  };
  const channelOf = (task: number) => running.get(task) ?? awaiting.get(task);

  /** Answers a task; what goes wrong is an answer, too. */
  const answer = async (
    { id }: TaskMessage,
    channel: Channel,
    work: () => Promise<TableOutcome>,
  ) => {
    try {
      const outcome = await work();
      const { counters, reason } = channel.count();
      send({
        type: "done",
        task: id,
        outcome: brief(withLosses(outcome, counters.dropped, reason)),
        counters,
      });
    } catch (error) {
      send({ type: "error", task: id, message: wordsOf(error).slice(0, 1000) });
    }
    running.delete(id);
    stir();
    if (!channel.isAwaiting()) return;
    awaiting.set(id, channel);
    if (awaiting.size > MAX_AWAITING) awaiting.delete(awaiting.keys().next().value!);
  };

  const start = (task: TaskMessage) => {
    const channel = createChannel(task, () => told ??= setTimeout(beat, LOSS_TOLD));
    const context = { procRoot: "", ...places, deadline: performance.now() + task.deadline };
    running.set(task.id, channel);
    const { watch } = task;
    if (!watch) {
      const work = () => collectTask(collector, task, context, channel);
      collecting = collecting.then(() => answer(task, channel, work));
      return;
    }
    const watchContext: WatchContext = {
      ...context,
      deadline: Infinity,
      signal: channel.signal,
      dropped: channel.drop,
      reconcileEvery: watch.reconcile_every,
      ...(watch.paths && { paths: watch.paths }),
    };
    heartbeat ??= setInterval(beat, watch.heartbeat);
    watching.set(
      task.id,
      answer(task, channel, () => {
        if (!collector.watch) throw new TypeError(`${task.table} cannot be watched`);
        return watchTask(collector.watch.bind(collector), task, watchContext, channel);
      }).then(() => {
        watching.delete(task.id);
        if (watching.size > 0) return;
        clearInterval(heartbeat);
        heartbeat = undefined;
      }),
    );
  };

  const drain = async () => {
    draining = true;
    for (const task of watching.keys()) running.get(task)?.cancel();
    while (running.size > 0) await Promise.all([collecting, ...watching.values()]);
    Deno.exit(0);
  };

  send({
    type: "hello",
    protocol: PROTOCOL,
    name: collector.name,
    deno: Deno.version.deno,
    platform: PLATFORM,
    tables: collector.tables.map((name) => {
      const columns = collector.columns?.[name];
      return { name, ...(columns && { columns }), watch: collector.watch !== undefined };
    }),
    pushdown: PUSHDOWN,
    granted: await grantedPermissions(),
  });
  const decoder = new TextDecoder();
  for await (const line of readLines(Deno.stdin.readable, MAX_LINE)) {
    if (line === undefined) continue;
    const message: AgentMessage = JSON.parse(decoder.decode(line));
    stir();
    switch (message.type) {
      case "task":
        start(message);
        if (draining && message.watch) running.get(message.id)?.cancel();
        break;
      case "credit":
        running.get(message.task)?.grant(message.batches);
        break;
      case "ack":
        channelOf(message.task)?.acknowledge(message.seq_no);
        if (!awaiting.get(message.task)?.isAwaiting()) awaiting.delete(message.task);
        break;
      case "cancel":
        running.get(message.task)?.cancel();
        break;
      case "drain":
        drain();
        break;
      case "shutdown":
        Deno.exit(0);
    }
  }
  Deno.exit(0);
}

/** What was lost is missing from the rows, however well the rest went. */
function withLosses(outcome: TableOutcome, dropped: number, reason = "no reason"): TableOutcome {
  if (dropped === 0 || outcome.status === "unavailable") return outcome;
  const lost = `${dropped} records were lost (${reason})`;
  return {
    status: "partial",
    reason: outcome.status === "partial" ? `${outcome.reason}; ${lost}` : lost,
  };
}

/** The agent takes no message with a longer reason, and would wait for one in vain. */
function brief(outcome: TableOutcome): TableOutcome {
  return outcome.status === "complete"
    ? outcome
    : { ...outcome, reason: outcome.reason.slice(0, MAX_REASON) };
}

async function grantedPermissions(): Promise<string[]> {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;
  const states = await Promise.all(names.map((name) => Deno.permissions.query({ name })));
  return names.filter((_, index) => states[index]!.state === "granted");
}

/** What went wrong, in words. A name that says no more than that something did, or that input is malformed, is left out. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  return ["Error", "SyntaxError"].includes(name) ? message : `${name}: ${message}`;
}
