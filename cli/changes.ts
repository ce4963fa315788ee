import type { Settings } from "../config/mod.ts";
import type { Change } from "../engine/reload.ts";
import type { Arguments } from "./command.ts";
import { plural } from "./plural.ts";
import { prepareChange, type Prepared, watchPrepared } from "./reload.ts";

/** Settings that only a new agent heeds; of sinks see {@linkcode canExchange}. */
const FIXED = [
  "state",
  "audit",
  "collectors",
  "confinement",
  "budgets",
  "events",
  "health",
] as const;

/** Whether other sinks can take over: those that a configuration names can, standard output instead of any cannot. */
export function canExchange(before: Settings, after: Settings): boolean {
  return before.sinks !== undefined && after.sinks !== undefined;
}

/**
 * What the agent is to do from now on, each time that somebody asks for it by SIGHUP or that a file changes.
 *
 * @param told what was done, in words, and what has taken the place of what was
 * @param show a fault as a person reads it
 */
export async function* followChanges(
  args: Arguments,
  first: Prepared,
  signal: AbortSignal,
  told: (message: string, prepared?: Prepared) => void,
  show: (fault: string) => void,
): AsyncGenerator<Change> {
  let now = first;
  /** What was read last, whether it is in force or not: only what changes after that is worth reading. */
  let read = first;
  let asked = Promise.withResolvers<"asked" | "seen">();
  using _hangups = onHangup(() => asked.resolve("asked"));
  signal.addEventListener("abort", () => asked.resolve("asked"));
  while (!signal.aborted) {
    await using _watcher = watchFiles(args, read, () => asked.resolve("seen"), told);
    const why = await asked.promise;
    if (signal.aborted) return;
    asked = Promise.withResolvers();
    const began = Date.now();
    const { change, prepared } = await prepareChange(args);
    const { loaded } = prepared?.configured.settings ? prepared : read;
    read = { ...now, began, loaded };
    if (!("detections" in change)) {
      for (const { text } of prepared?.faults ?? []) show(text);
      yield change;
      continue;
    }
    if (why === "seen" && sameAs(now, prepared!)) continue;
    const [old, next] = [first.configured.settings!, prepared!.configured.settings!];
    const fixed = [...FIXED, ...canExchange(old, next) ? [] : ["sinks" as const]]
      .filter((name) => !isSame(old[name], next[name]));
    const later = fixed.length > 0
      ? `; what has changed of ${fixed.join(", ")} waits until the agent is started anew`
      : "";
    told(`${plural(change.detections.length, "detection")} in force${later}`, prepared);
    now = read = prepared!;
    yield change;
  }
}

/** Whether two values are the same as JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function sameAs(one: Prepared, other: Prepared): boolean {
  const text = ({ detections, configured }: Prepared) =>
    JSON.stringify([
      configured.settings,
      detections.map(({ digest, detection: { meta } }) => [digest, meta]),
    ]);
  return text(one) === text(other);
}

function watchFiles(
  args: Arguments,
  prepared: Prepared,
  changed: () => void,
  told: (message: string) => void,
): AsyncDisposable {
  const failed = (reason: string) =>
    told(`files cannot be watched, so only SIGHUP reads them anew: ${reason}`);
  try {
    return watchPrepared(args, prepared, changed, failed);
  } catch (error) {
    failed((error as Error).message);
    return { async [Symbol.asyncDispose]() {} };
  }
}

function onHangup(act: () => void): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  Deno.addSignalListener("SIGHUP", act);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", act) };
}
