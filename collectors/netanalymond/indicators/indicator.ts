import type { threat_indicators } from "../../../profiles/threat_indicators.ts";
import type { Row } from "../../../schema/row.ts";
import { isAddress } from "../connection_id.ts";

type IndicatorRow = Row<typeof threat_indicators, "linux">;

/** An indicator as a source has it. */
export interface Indicator extends Omit<IndicatorRow, "platform_data" | "tags"> {
  /** Tags that the source gives. */
  readonly tags: readonly string[];
  /** From when it counts, ms since the epoch; always if absent. */
  readonly valid_from?: number;
  /** Until when it counts; always if absent. */
  readonly valid_until?: number;
  /** The source has taken it back. */
  readonly revoked?: boolean;
}

/** What an indicator is. */
export type IndicatorType = IndicatorRow["indicator_type"];

/** The types. */
export const TYPES: readonly IndicatorType[] = [
  ...["ip", "cidr", "domain", "url", "hash", "email", "path", "other"] as const,
];

/** The grades of severity. */
export const SEVERITIES: readonly NonNullable<IndicatorRow["severity"]>[] = [
  ...["low", "medium", "high", "critical"] as const,
];

const HASH =
  /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const DOMAIN = /^(?=.{1,253}$)[\p{L}\p{M}\p{N}_-]{1,63}(?:\.[\p{L}\p{M}\p{N}_-]{1,63})+$/u;

/** What a value looks like. */
export function typeOf(value: string): IndicatorType {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return "url";
  const [address = "", prefix] = value.split("/", 2);
  if (isAddress(address)) return prefix === undefined ? "ip" : "cidr";
  if (HASH.test(value)) return "hash";
  if (value.startsWith("/") || /^[a-z]:\\/i.test(value)) return "path";
  if (value.includes("@")) return "email";
  return DOMAIN.test(value) ? "domain" : "other";
}

/**
 * A value as it is compared: without what keeps people from clicking on it (`hxxp`, `[.]`), in lower case where case means
 * nothing, a domain as DNS has it, without a leading `*.` and the last dot, a URL as the WHATWG writes it.
 */
export function normalize(type: IndicatorType, value: string): string {
  switch (type) {
    case "ip":
    case "cidr":
    case "hash":
    case "email":
      return value.replaceAll("[.]", ".").toLowerCase();
    case "domain": {
      const name = value.replaceAll("[.]", ".").toLowerCase().replace(/^\*?\./, "")
        .replace(/\.$/, "");
      const isForeign = !/^[\w.-]*$/.test(name) && DOMAIN.test(name);
      return isForeign ? URL.parse(`http://${name}`)?.hostname ?? name : name;
    }
    case "url": {
      const plain = value.replaceAll("[.]", ".").replace(/^hxxp/i, "http");
      return URL.parse(plain)?.href ?? plain;
    }
    default:
      return value;
  }
}

/** A time as sources write it, ms since the epoch: RFC 3339, a date, or seconds; `null` for what is none. */
export function timeOf(value: unknown): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return Math.floor(value * 1000);
  if (typeof value !== "string" || value === "") return null;
  if (/^\d{9,11}$/.test(value)) return Number(value) * 1000;
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const time = Date.parse(/^\d{4}-\d\d-\d\d$|Z$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(time) ? null : time;
}

/** How sure a source is, 0 to 1; numbers above 1 are of 100, as STIX has them. */
export function confidenceOf(value: unknown): number | null {
  if (value == null || value === "") return null;
  const number = Number(value);
  if (!(number >= 0 && number <= 100)) return null;
  return number > 1 ? number / 100 : number;
}

/** A text; `null` for what is none, or empty. */
export function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
