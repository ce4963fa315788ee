import type { Reading, WatchContext } from "../../core/collector.ts";
import { openHost } from "../../regmond/host.ts";
import { within } from "../../../std/within.ts";
import { FAMILIES } from "../families/mod.ts";
import type { Family } from "../setting.ts";
import { compareLooks, type Look, lookAt, withUnread } from "./compare.ts";
import { foldersOf, openNotifications } from "./notify.ts";
import { openWriters } from "./writers.ts";

/** How often one looks, ms. */
export interface Pace {
  /** After a file was touched: whoever writes it may not be done. */
  readonly settle: number;
  /** At parameters of the kernel, of which it tells nothing. */
  readonly poll: number;
  /** At everything, where the kernel does not tell of files either. */
  readonly blind: number;
}

/** Looking takes at most about one part in so many of the time. */
const SHARE = 10;

const PACE: Pace = { settle: 250, poll: 30_000, blind: 60_000 };

/**
 * Tells of settings that are other than they were, as `configuration_changes`. The first look is what later ones are
 * compared with, and tells nothing.
 */
export async function* watch(
  context: Pick<
    WatchContext,
    "filesRoot" | "procRoot" | "sysRoot" | "fileEventsRoot" | "signal" | "reconcileEvery"
  >,
  { settle, poll, blind }: Pace = PACE,
): AsyncGenerator<Reading, void, void> {
  const { filesRoot = "/", procRoot, sysRoot, fileEventsRoot, signal, reconcileEvery } = context;
  const open = () => openHost(filesRoot, procRoot, sysRoot);
  // What happens while one looks for the first time must not be missed.
  using notifications = openNotifications(open(), filesRoot);
  const folders = foldersOf(open()).map((folder) =>
    folder.slice(filesRoot.replace(/\/$/, "").length)
  );
  using writers = await openWriters(fileEventsRoot, procRoot, folders);
  const known = new Map<Family, Look>();
  let before = Date.now();
  for (const family of FAMILIES) known.set(family, lookAt(open(), family));
  const every = notifications.told ? reconcileEvery : Math.min(blind, reconcileEvery);
  let due = performance.now() + every;
  let pollDue = performance.now() + poll;
  let pause = settle;
  const polled = FAMILIES.filter(({ name }) => name === "sysctl");

  while (!signal.aborted) {
    const left = Math.max(0, Math.min(pollDue, due) - performance.now());
    const touched = await within(notifications.happened().then(() => true), left, signal);
    if (touched) await within(new Promise(() => {}), pause, signal);
    if (signal.aborted) return;
    const whole = performance.now() >= due;
    if (whole) due = performance.now() + every;
    // Files that are touched without end do not keep it from looking at what nobody tells of.
    const polls = performance.now() >= pollDue;
    if (polls) pollDue = performance.now() + poll;
    const now = Date.now();
    const began = performance.now();
    const taken = notifications.take();
    for (const family of whole ? FAMILIES : new Set([...taken, ...polls ? polled : []])) {
      const host = open();
      const last = known.get(family)!;
      const look = withUnread(host, family, last, lookAt(host, family));
      known.set(family, look);
      for (const row of compareLooks(host, family, last, look, { before, now, writers })) {
        yield { row };
      }
    }
    before = now;
    // Whoever writes files without end does not get this host to look at them without end.
    pause = Math.max(settle, SHARE * (performance.now() - began));
  }
}
