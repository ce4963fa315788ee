import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanSummary } from "../model/summary.ts";
import type { Store } from "../store/mod.ts";
import { currentState } from "./rule_health.ts";

/** Counts events that detections have not judged. */
export interface MissedEvents {
  /** So many more; of a detection that is switched off none are missed. */
  add(compiled: CompiledDetection, events: number): Promise<void>;
  /** What was counted since this was last asked, for a summary. */
  take(): NonNullable<ScanSummary["missed"]>;
  /** Goes on with these detections and no others; what was counted of others remains to be told and stored. */
  keep(detections: readonly CompiledDetection[]): void;
  /** Writes down what is not yet in the store. */
  save(): Promise<void>;
}

/** ms between two times that the count of a detection is stored: events are many. */
const SAVE_EVERY = 10_000;

/** Begins to count; what was counted before stands in the state of the detection, and is added to. */
export function countMissedEvents(
  store: Pick<Store, "ruleState" | "setRuleState">,
  elapsed: () => number = () => performance.now(),
): MissedEvents {
  let counts = new Map<string, number>();
  const unsaved = new Map<
    string,
    { readonly compiled: CompiledDetection; readonly events: number }
  >();
  const saved = new Map<string, number>();

  async function stateOf({ digest, detection: { meta } }: CompiledDetection) {
    return currentState(await store.ruleState(meta.id), meta.id, digest);
  }

  async function saveOne(rule_id: string): Promise<void> {
    const { compiled, events } = unsaved.get(rule_id)!;
    unsaved.delete(rule_id);
    saved.set(rule_id, elapsed());
    try {
      const state = await stateOf(compiled);
      await store.setRuleState({ ...state, missed: (state.missed ?? 0) + events });
    } catch (error) {
      note(compiled, events);
      throw error;
    }
  }

  function note(compiled: CompiledDetection, events: number): void {
    const { id } = compiled.detection.meta;
    unsaved.set(id, { compiled, events: (unsaved.get(id)?.events ?? 0) + events });
  }

  return {
    async add(compiled, events) {
      if (events === 0 || !(await stateOf(compiled)).enabled) return;
      const { id } = compiled.detection.meta;
      counts.set(id, (counts.get(id) ?? 0) + events);
      note(compiled, events);
      if (elapsed() - (saved.get(id) ?? -Infinity) >= SAVE_EVERY) await saveOne(id);
    },
    take() {
      const taken = [...counts].map(([rule_id, events]) => ({ rule_id, events }));
      counts = new Map();
      return taken;
    },
    keep(detections) {
      const ids = new Set(detections.map(({ detection }) => detection.meta.id));
      for (const id of saved.keys()) if (!ids.has(id)) saved.delete(id);
    },
    async save() {
      for (const rule_id of [...unsaved.keys()]) await saveOne(rule_id);
    },
  };
}
