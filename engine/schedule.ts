import { createHash } from "node:crypto";
import { Cron } from "croner";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Schedule } from "../model/detection.ts";
import type { Clock } from "./schedule_clock.ts";

/** What a schedule says at a moment. */
export interface Due {
  /** What is to run now. */
  readonly detections: readonly CompiledDetection[];
  /** How many runs of it were left out because they were due while the one before, or another scan, went on. */
  readonly skipped: ReadonlyMap<CompiledDetection, number>;
}

/** When detections run. */
export interface Timetable {
  /** Plans for these and no others. What was planned for before goes on as planned, unless it has another schedule now. */
  plan(detections: readonly CompiledDetection[]): void;
  /**
   * Runs a detection so many times as seldom as it asks; its id. One in events mode collects as often as before. Where that is
   * more often than until now, it does not wait longer for its next run than from one to the next.
   */
  slow(rule_id: string, factor: number): void;
  /** Makes all intervals so many times as long from now on; 1 is what is asked for. */
  stretch(factor: number): void;
  /** ms until something is due, or until it is worth asking again. */
  wait(): number;
  /** What is due, and plans its next run. */
  take(): Due;
}

/** Nobody sleeps longer: the clock by which cron goes may have been set meanwhile, ms. */
const LONGEST_SLEEP = 30_000;

/** Runs that are spread over a time come together in so many steps: each of them costs a scan. */
const STEPS = 10;

/** Where a detection has neither an interval nor a cron expression, ms. */
const DEFAULT_PERIOD = 60_000;

/**
 * Plans by intervals, which go by the clock that never jumps, and by cron expressions, which go by the time of day of the
 * host. Where that is set forward over a run, it comes at once, and once; where it is set back, the next one comes when the
 * expression says so.
 *
 * @param seed what tells this host from others, so that they do not all do the same at the same time
 */
export function createTimetable(clock: Clock, seed: string): Timetable {
  let entries = new Map<string, Entry>();
  const factors = new Map<string, number>();
  let asked = clock.elapsed();
  let longer = 1;

  function entryOf(compiled: CompiledDetection): Entry {
    const { id, schedule } = compiled.detection.meta;
    const planned = { compiled, text: JSON.stringify(schedule) };
    const offset = offsetOf(`${seed} ${id}`, schedule.splay ?? 0);
    return schedule.cron === undefined
      ? { ...planned, kind: "interval", next: clock.elapsed() + offset }
      : { ...planned, kind: "cron", offset, next: nextOf(schedule.cron, clock.now() - offset) };
  }

  function periodOf({ compiled }: Interval): number {
    const { id, mode, schedule: { every = DEFAULT_PERIOD } } = compiled.detection.meta;
    return every * longer * (mode === "events" ? 1 : factors.get(id) ?? 1);
  }

  /** What is to run more often from now on runs so soon. */
  function hasten(entry: Entry): void {
    if (entry.kind === "interval") {
      entry.next = Math.min(entry.next, clock.elapsed() + periodOf(entry));
    }
  }

  function takeInterval(entry: Interval): number {
    const period = periodOf(entry);
    const missed = Math.floor((clock.elapsed() - entry.next) / period);
    entry.next += (missed + 1) * period;
    return missed;
  }

  function takeCron(entry: ByCron): number {
    const { cron } = entry.compiled.detection.meta.schedule;
    const now = clock.now() - entry.offset;
    // A clock that was set forward has left nothing out: only so many minutes have really gone by.
    const most = Math.floor((clock.elapsed() - asked) / 60_000);
    let missed = 0;
    let at = nextOf(cron!, entry.next);
    for (; missed < most && at <= now; at = nextOf(cron!, at)) missed++;
    entry.next = nextOf(cron!, now);
    return missed;
  }

  return {
    plan(detections) {
      entries = new Map(detections.map((compiled) => {
        const { id, schedule } = compiled.detection.meta;
        const known = entries.get(id);
        return [
          id,
          known?.text === JSON.stringify(schedule) ? { ...known, compiled } : entryOf(compiled),
        ];
      }));
      for (const id of factors.keys()) if (!entries.has(id)) factors.delete(id);
    },
    slow(rule_id, factor) {
      const shorter = factor < (factors.get(rule_id) ?? 1);
      factors.set(rule_id, factor);
      const entry = entries.get(rule_id);
      if (shorter && entry) hasten(entry);
    },
    stretch(factor) {
      const shorter = factor < longer;
      longer = factor;
      if (shorter) entries.values().forEach(hasten);
    },
    wait() {
      let least = LONGEST_SLEEP;
      for (const entry of entries.values()) {
        const left = entry.kind === "interval"
          ? entry.next - clock.elapsed()
          : entry.next + entry.offset - clock.now();
        least = Math.min(least, left);
      }
      return Math.max(0, Math.ceil(least));
    },
    take() {
      const detections: CompiledDetection[] = [];
      const skipped = new Map<CompiledDetection, number>();
      for (const entry of entries.values()) {
        if (entry.kind === "interval" ? entry.next > clock.elapsed() : !isDue(entry, clock.now())) {
          continue;
        }
        detections.push(entry.compiled);
        const missed = entry.kind === "interval" ? takeInterval(entry) : takeCron(entry);
        if (missed > 0) skipped.set(entry.compiled, missed);
      }
      asked = clock.elapsed();
      return { detections, skipped };
    },
  };
}

type Entry = Interval | ByCron;

interface Planned {
  readonly compiled: CompiledDetection;
  /** Its schedule, to see whether it has changed. */
  readonly text: string;
}

interface Interval extends Planned {
  readonly kind: "interval";
  /** By the clock that never jumps. */
  next: number;
}

interface ByCron extends Planned {
  readonly kind: "cron";
  /** So much later than the expression says, ms. */
  readonly offset: number;
  /** What the expression says, ms since the epoch. */
  next: number;
}

/** Whether its time has come. Of a clock that was set back, what it says now counts. */
function isDue(entry: ByCron, time: number): boolean {
  const now = time - entry.offset;
  if (now >= entry.next) return true;
  entry.next = Math.min(entry.next, nextOf(entry.compiled.detection.meta.schedule.cron!, now));
  return false;
}

/** When a cron expression comes true next after a time, ms since the epoch; infinite where it never does. */
function nextOf(cron: string, after: number): number {
  return new Cron(cron, { paused: true }).nextRun(new Date(after))?.getTime() ?? Infinity;
}

/** A delay of less than a splay, the same each time for the same words. */
function offsetOf(words: string, splay: number): number {
  const number = createHash("sha256").update(words).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(number * STEPS) * (splay / STEPS);
}

/** Detections whose file says nothing of when they run, with what the configuration says. */
export function withSchedule(
  compiled: CompiledDetection,
  { every, splay }: Pick<Schedule, "every" | "splay">,
): CompiledDetection {
  const { detection } = compiled;
  const { spans, meta } = detection;
  const timed = spans.has("schedule.every") || spans.has("schedule.cron");
  const schedule = {
    ...meta.schedule,
    ...(!timed && every !== undefined && { every }),
    ...(!spans.has("schedule.splay") && splay !== undefined && { splay }),
  };
  return { ...compiled, detection: { ...detection, meta: { ...meta, schedule } } };
}

/** The same detection with intervals so many times as long: what it reads may be older by so much. */
export function stretched(compiled: CompiledDetection, factor: number): CompiledDetection {
  if (factor === 1) return compiled;
  const { detection } = compiled;
  const { schedule } = detection.meta;
  const every = (schedule.every ?? DEFAULT_PERIOD) * factor;
  const meta = { ...detection.meta, schedule: { ...schedule, every } };
  return { ...compiled, detection: { ...detection, meta } };
}
