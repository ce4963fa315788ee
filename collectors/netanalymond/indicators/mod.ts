import { compileGlob } from "../../../dialect/mod.ts";
import type { Resource, TaskKeys } from "../../../model/collection.ts";
import type { threat_indicators } from "../../../profiles/threat_indicators.ts";
import type { Row } from "../../../schema/row.ts";
import type { Reading } from "../../core/collector.ts";
import { parseCsv } from "./csv.ts";
import type { Indicator } from "./indicator.ts";
import { objectOf } from "./json.ts";
import { createIndicators, type Indicators, isValid } from "./match.ts";
import { eventsOf, readMisp } from "./misp.ts";
import { readStix } from "./stix.ts";

type IndicatorRow = Row<typeof threat_indicators, "linux">;

/**
 * Reads the indicators of a file: a STIX 2.1 bundle, an export of MISP, or CSV.
 *
 * @throws {SyntaxError} where it is none of them
 */
export function parseIndicators(resource: Resource): Indicator[] {
  const { name, text } = resource;
  if (!/^\ufeff?\s*[[{]/.test(text)) return parseCsv(resource);
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new SyntaxError(`${name}: it begins like JSON and is none`);
  }
  const bundle = objectOf(content);
  if (bundle.type === "bundle") return readStix(bundle, name);
  const events = eventsOf(content);
  if (events) return readMisp(events, name);
  throw new SyntaxError(`${name}: neither a bundle of STIX nor an export of MISP`);
}

/** The files of how many detections are remembered. */
const MAX_REMEMBERED = 4;

interface Remembered {
  readonly resources: readonly Resource[];
  readonly indicators: Indicators;
}

/** Makes what reads `threat_indicators`; once, because it remembers files that it has read. */
export function createIndicatorReader(): (
  keys: TaskKeys,
  resources: readonly Resource[],
  now: number,
) => Iterable<Reading> {
  const remembered: Remembered[] = [];
  const indicatorsOf = (resources: readonly Resource[]): Indicators => {
    const at = remembered.findIndex((known) => isSame(known.resources, resources));
    const known = at < 0
      ? { resources, indicators: createIndicators(resources.flatMap(parseIndicators)) }
      : remembered.splice(at, 1)[0]!;
    remembered.unshift(known);
    remembered.length = Math.min(remembered.length, MAX_REMEMBERED);
    return known.indicators;
  };
  return (keys, resources, now) => find(keys, indicatorsOf(resources), now);
}

function isSame(one: readonly Resource[], other: readonly Resource[]): boolean {
  return one.length === other.length &&
    one.every(({ name, text }, at) => name === other[at]!.name && text === other[at]!.text);
}

function* find(
  { column, values = [], globs = [] }: TaskKeys,
  all: Indicators,
  now: number,
): Iterable<Reading> {
  for (const value of values.map(String)) {
    const found = column === "indicator_id" ? all.byId(value) : all.find(value);
    for (const indicator of new Set(found)) {
      if (!isValid(indicator, now)) continue;
      yield { row: rowOf(indicator, column === "indicator_id" ? undefined : value) };
    }
  }
  for (const matches of globs.map((pattern) => compileGlob(pattern))) {
    for (const indicator of all.all) {
      const value = column === "indicator_id" ? indicator.indicator_id : indicator.indicator_value;
      if (matches(value) && isValid(indicator, now)) yield { row: rowOf(indicator) };
    }
  }
}

/** An indicator as the row of a value that it means, which then is the row's, so that a join by it holds. */
function rowOf(
  { tags, valid_from: _, valid_until: __, revoked: ___, ...rest }: Indicator,
  asked = rest.indicator_value,
): IndicatorRow {
  return {
    ...rest,
    indicator_value: asked,
    tags: tags.length > 0 ? JSON.stringify(tags) : null,
    platform_data: asked === rest.indicator_value
      ? null
      : JSON.stringify({ listed: rest.indicator_value }),
  };
}
