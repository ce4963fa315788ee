import type { CompiledDetection } from "../model/compiled.ts";
import { streamOf } from "./reload.ts";
import { delay } from "./stopping.ts";
import { createQueue, type Queue, type TakenEvents } from "./streams_queue.ts";

/** A detection in events mode that has once taken so long is judged apart from the others, ms. */
export const LONG = 1_000;

/** How often a slowed detection is judged: every so many ms, times its factor. */
export const BEAT = 1_000;

/** Characters of the events that wait for one detection, with numbers at eight. */
const MAX_WAITING = 8 * 2 ** 20;

/** Detections in events mode that nobody else waits for. */
export interface Lanes {
  /** Says how long a detection took for events, ms. */
  took(compiled: CompiledDetection, ms: number): void;
  /** Keeps events for the detections among these that are judged apart, and gives the others. */
  sort(concerned: readonly CompiledDetection[], taken: TakenEvents): CompiledDetection[];
  /** Goes on with these detections and no others. */
  keep(detections: readonly CompiledDetection[]): void;
  /** Judges what waits, without pauses, and resolves once that is done. */
  close(): Promise<void>;
}

interface Lane {
  compiled: CompiledDetection;
  readonly queue: Queue;
  busy: boolean;
  /** It has taken long, the last time. */
  long: boolean;
  /** Events that were lost before they came here. */
  lost: number;
}

/**
 * Opens lanes. A detection that takes long for events, or that is slowed, is judged on its own: its events wait for it, the
 * oldest go where they are too many, and those are counted as lost to it. The others do not wait.
 *
 * @param judge judges a detection on events; does not reject
 * @param factorOf how many times as seldom a detection is judged as it could be, by its id
 * @param waiting characters of the events that wait for one detection, with numbers at eight
 */
export function openLanes(
  judge: (compiled: CompiledDetection, taken: TakenEvents) => Promise<void>,
  factorOf: (rule_id: string) => number,
  waiting: number = MAX_WAITING,
): Lanes {
  const lanes = new Map<string, Lane>();
  const working = new Set<Promise<void>>();
  const closing = new AbortController();

  function laneOf(compiled: CompiledDetection): Lane {
    const { id } = compiled.detection.meta;
    const known = lanes.get(id);
    if (known) return known;
    const queue = createQueue(streamOf(compiled), waiting);
    const lane = { compiled, queue, busy: false, long: false, lost: 0 };
    lanes.set(id, lane);
    return lane;
  }

  function isApart({ detection: { meta } }: CompiledDetection): boolean {
    const lane = lanes.get(meta.id);
    return factorOf(meta.id) > 1 || lane !== undefined && (lane.busy || lane.long);
  }

  function takeFrom(lane: Lane): TakenEvents {
    const taken = lane.queue.take(Infinity);
    const lost = taken.lost + lane.lost;
    lane.lost = 0;
    return { ...taken, lost };
  }

  function begin(lane: Lane): void {
    const work = workOn(lane);
    working.add(work);
    void work.then(() => working.delete(work));
  }

  async function workOn(lane: Lane): Promise<void> {
    lane.busy = true;
    while (!lane.queue.isEmpty()) {
      const started = performance.now();
      await judge(lane.compiled, takeFrom(lane));
      const factor = factorOf(lane.compiled.detection.meta.id);
      const pause = factor > 1 ? factor * BEAT - (performance.now() - started) : 0;
      if (pause > 0) await delay(pause, closing.signal);
    }
    lane.busy = false;
  }

  return {
    took(compiled, ms) {
      const { id } = compiled.detection.meta;
      if (ms > LONG) laneOf(compiled).long = true;
      else if (lanes.has(id)) lanes.get(id)!.long = false;
    },
    sort(concerned, { batches, outcome, lost }) {
      const others: CompiledDetection[] = [];
      for (const compiled of concerned) {
        if (!isApart(compiled)) {
          others.push(compiled);
          continue;
        }
        const lane = laneOf(compiled);
        for (const batch of batches) lane.queue.add(batch);
        if (outcome.status !== "complete") {
          lane.queue.down(outcome.status === "unavailable", outcome.reason);
        }
        lane.lost += lost;
        if (!lane.busy) begin(lane);
      }
      return others;
    },
    keep(detections) {
      const kept = new Map(detections.map((one) => [one.detection.meta.id, one]));
      for (const [id, lane] of lanes) {
        const compiled = kept.get(id);
        if (!compiled || streamOf(compiled) !== streamOf(lane.compiled)) {
          // Other events, or none: what has waited for the one before was not meant for this one.
          takeFrom(lane);
          lanes.delete(id);
          continue;
        }
        if (compiled.digest !== lane.compiled.digest) lane.long = false;
        lane.compiled = compiled;
      }
    },
    async close() {
      closing.abort();
      await Promise.all(working);
    },
  };
}
