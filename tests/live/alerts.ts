import { fromFileUrl, join } from "@std/path";
import { findDetections, loadDetections } from "../../compiler/files.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { succeeds } from "../collectors/netmond/live.ts";
import { isRoot } from "../collectors/support.ts";

const DETECTIONS = fromFileUrl(new URL("../../detections", import.meta.url));

/** Names of the detections by what alerts call them. */
const names = new Map(
  (await loadDetections(await findDetections([DETECTIONS]), CATALOGUE)).flatMap(({ compiled }) =>
    compiled ? [[compiled.detection.meta.id, compiled.detection.name]] : []
  ),
);

/** The files of shipped detections by their places below `detections/`. */
export function filesOf(places: readonly string[]): readonly string[] {
  return places.map((place) => join(DETECTIONS, `${place}.sql`));
}

/** Whether there is such a program. */
export function exists(program: string): boolean {
  return succeeds("sh", "-c", `command -v ${program}`);
}

/** What every bait needs. */
export const needs = { root: isRoot, ip: succeeds("ip", "-V") };

/** An alert: its detection and the row that it is about. */
export interface Fired {
  /** Name of the detection. */
  readonly detection: string;
  /** The row of its result. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** A line that the program has printed. */
interface Line {
  readonly kind: string;
  readonly rule_id?: string;
  readonly alert_data?: Fired["row"];
}

/** The alert in a line, if it is one. */
export function firedOf({ kind, rule_id = "", alert_data = {} }: Line): Fired[] {
  return kind === "alert" ? [{ detection: names.get(rule_id)!, row: alert_data }] : [];
}
