import type { Collectors } from "../collectors/mod.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Predicate } from "../model/predicate.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Platform } from "../schema/types.ts";
import { planCollection } from "./collect.ts";
import { testsOn } from "./interests.ts";
import type { OperationalProblem } from "./operational.ts";
import { meantFor } from "./scan.ts";
import type { EventRead } from "./streams.ts";

/** What is to take the place of what an agent does. */
export type Change =
  /** These detections, and no others: compiled, without a fault. */
  | { readonly detections: readonly CompiledDetection[] }
  | Refusal;

/** That a change cannot be made: what is there goes on. */
export interface Refusal {
  /** In words, for the operator. */
  readonly reason: string;
  /** Each fault with its place, a line each. */
  readonly faults: readonly string[];
}

/** What an agent watches because of its detections. */
export interface Watched {
  /** Those that are enabled and meant for this host. */
  readonly mine: readonly CompiledDetection[];
  /** Those of mine that have scans of their own, because they cost much; none that sees events, which are stored with the others. */
  readonly costly: readonly CompiledDetection[];
  /** Those of mine in events mode. */
  readonly streaming: readonly CompiledDetection[];
  /** Those of the streaming ones whose events a collector tells of. */
  readonly onEvents: readonly CompiledDetection[];
  /** Those of the streaming ones that take new rows of a scan for events. */
  readonly onRows: readonly CompiledDetection[];
  /** The tables of events to watch. */
  readonly reads: readonly EventRead[];
}

/** Plans what has to be watched for detections. */
export function planFor(
  detections: readonly CompiledDetection[],
  { catalogue, platform, collectors }: {
    readonly catalogue: Catalogue;
    readonly platform: Platform;
    readonly collectors: Pick<Collectors, "supports">;
  },
): Watched {
  const mine = meantFor(detections, platform);
  const streaming = mine.filter(({ detection }) => detection.meta.mode === "events");
  const isEvents = (table: string) => catalogue.get(table)?.events === true;
  return {
    mine,
    costly: mine.filter(({ detection, plan, tables }) =>
      detection.meta.mode !== "events" && plan.cost.class === "high" &&
      !tables.some(({ table }) => isEvents(table))
    ),
    streaming,
    onEvents: streaming.filter((one) => isEvents(streamOf(one))),
    onRows: streaming.filter((one) => !isEvents(streamOf(one))),
    reads: planCollection(mine)
      .filter(({ table }) => isEvents(table) && collectors.supports(table))
      .map(({ table, project }) => ({
        table,
        columns: project,
        interests: interestsIn(table, catalogue.get(table)?.watchedBy ?? [], mine),
      })),
  };
}

/** What detections ask of such columns of a table, each test once. */
function interestsIn(
  table: string,
  columns: readonly string[],
  detections: readonly CompiledDetection[],
): readonly Predicate[] {
  const asked = detections.flatMap(({ plan }) => plan.tasks)
    .flatMap((task) => task.table === table && task.where ? [task.where] : []);
  return testsOn(columns, asked);
}

/** The table that the events of a detection come from; of one that cannot run on events, none. */
export function streamOf({ plan: { events } }: CompiledDetection): string {
  return events.possible ? events.stream : "";
}

/** Faults that an alert names. */
const MAX_FAULTS = 10;

/** The operational problem that an agent has begun without some of its detections. */
export function unusableProblem(faults: readonly string[]): OperationalProblem {
  return {
    key: ["unusable", ...faults.slice(0, 1)],
    title: `The agent runs without the detections that have faults: ${faults[0]}`,
    description:
      "What those detections look for is not watched. daemoneye agent --check-config shows every " +
      "fault; once they are mended the agent takes the detections in by itself.",
    severity: "high",
    data: { faults: faults.slice(0, MAX_FAULTS) },
  };
}

/** The operational problem that a change was refused. */
export function refusedProblem({ reason, faults }: Refusal): OperationalProblem {
  return {
    key: ["refused", ...faults.slice(0, 1)],
    title: `A change of detections or configuration was refused: ${reason}`,
    description:
      "What was read has faults, so nothing of it is used. The detections and settings " +
      "that were in force before go on.",
    severity: "medium",
    data: { reason, faults: faults.slice(0, MAX_FAULTS) },
  };
}
