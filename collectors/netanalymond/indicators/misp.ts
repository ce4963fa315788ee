import { own } from "../../core/own.ts";
import {
  type Indicator,
  type IndicatorType,
  normalize,
  SEVERITIES,
  textOrNull,
  timeOf,
} from "./indicator.ts";
import { type JsonObject, objectOf, objectsIn } from "./json.ts";

/** Types of attributes (MISP core format); of the joined ones, what each part is. A part that tells nothing alone is NULL. */
const TYPES: Readonly<Record<string, readonly (IndicatorType | null)[]>> = {
  "ip-src": ["ip"],
  "ip-dst": ["ip"],
  "ip-src|port": ["ip", null],
  "ip-dst|port": ["ip", null],
  domain: ["domain"],
  hostname: ["domain"],
  "hostname|port": ["domain", null],
  "domain|ip": ["domain", "ip"],
  url: ["url"],
  uri: ["url"],
  md5: ["hash"],
  sha1: ["hash"],
  sha224: ["hash"],
  sha256: ["hash"],
  sha384: ["hash"],
  sha512: ["hash"],
  "filename|md5": [null, "hash"],
  "filename|sha1": [null, "hash"],
  "filename|sha224": [null, "hash"],
  "filename|sha256": [null, "hash"],
  "filename|sha384": [null, "hash"],
  "filename|sha512": [null, "hash"],
  // The file itself is in `data`; the hash is MD5.
  "malware-sample": [null, "hash"],
  email: ["email"],
  "email-src": ["email"],
  "email-dst": ["email"],
};

/** The severity of an event by its `threat_level_id`: 1 high, 2 medium, 3 low, 4 undefined. */
const LEVELS: Readonly<Record<string, Indicator["severity"]>> = {
  "1": SEVERITIES[2]!,
  "2": SEVERITIES[1]!,
  "3": SEVERITIES[0]!,
};

/** The events of an export of MISP: one, or those of a search; `undefined` for what is no export. */
export function eventsOf(content: unknown): readonly JsonObject[] | undefined {
  const list = Array.isArray(content) ? content : objectOf(content).response ?? [content];
  if (!Array.isArray(list)) return undefined;
  const events = list.map((item) => objectOf(objectOf(item).Event));
  return events.some((event) => event.Attribute || event.Object) ? events : undefined;
}

/** Reads the attributes of events that are meant for detection (`to_ids`) and were not deleted. */
export function readMisp(events: readonly JsonObject[], name: string): Indicator[] {
  return events.flatMap((event) => {
    const attributes = [
      ...objectsIn(event.Attribute),
      ...objectsIn(event.Object).filter(({ deleted }) => deleted !== true)
        .flatMap((object) => objectsIn(object.Attribute)),
    ];
    return attributes.flatMap((attribute) => readAttribute(attribute, event, name));
  });
}

function readAttribute(attribute: JsonObject, event: JsonObject, name: string): Indicator[] {
  const { uuid, type, value, category, comment, to_ids, deleted } = attribute;
  const kinds = own(TYPES, String(type));
  if (!kinds || to_ids !== true || deleted === true || typeof value !== "string") return [];
  const parts = kinds.length > 1 ? value.split("|") : [value];
  const seen = timeOf(attribute.timestamp);
  const tags = [...objectsIn(attribute.Tag), ...objectsIn(event.Tag)]
    .flatMap((tag) => textOrNull(tag.name) ?? []);
  return kinds.flatMap((kind, index): Indicator[] => {
    const part = parts[index]?.trim();
    if (kind === null || !part) return [];
    const indicator_type = kind === "ip" && part.includes("/") ? "cidr" : kind;
    return [{
      indicator_id: textOrNull(uuid) ?? `${name}:${part}`,
      indicator_type,
      indicator_value: normalize(indicator_type, part),
      threat_category: textOrNull(category),
      severity: own(LEVELS, String(event.threat_level_id)) ?? null,
      confidence: null,
      source: textOrNull(objectOf(event.Orgc).name) ?? name,
      first_seen: timeOf(attribute.first_seen) ?? seen,
      last_seen: timeOf(attribute.last_seen) ?? seen,
      description: textOrNull(comment) ?? textOrNull(event.info),
      tags: [...new Set(tags)],
    }];
  });
}
