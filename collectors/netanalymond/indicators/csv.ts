import { parse } from "@std/csv/parse";
import type { Resource } from "../../../model/collection.ts";
import {
  confidenceOf,
  type Indicator,
  type IndicatorType,
  normalize,
  SEVERITIES,
  textOrNull,
  timeOf,
  typeOf,
  TYPES,
} from "./indicator.ts";
import { networkKey } from "./match.ts";

/** Columns that a file may have, those of the table and three more; a value is all that it must have. */
const COLUMNS: ReadonlySet<string> = new Set([
  ...["indicator_value", "indicator_type", "indicator_id", "threat_category", "severity"],
  ...["confidence", "source", "first_seen", "last_seen", "description", "tags"],
  ...["valid_from", "valid_until", "revoked"],
]);

/**
 * Reads indicators from CSV (RFC 4180). The first line names the columns, in any order; `indicator_value` must be there.
 * Lines that begin with `#` are passed over; tags are parted by semicolons.
 *
 * @throws {SyntaxError} where it is no CSV, or where a column or a value means nothing: nobody shall believe in an
 * indicator that is not looked for
 */
export function parseCsv({ name, text }: Resource): Indicator[] {
  const [header = [], ...lines] = parse(text.replace(/^\ufeff/, ""), { comment: "#" });
  const columns = header.map((column) => column.trim().toLowerCase());
  const unknown = columns.find((column) => !COLUMNS.has(column));
  if (unknown !== undefined) throw new SyntaxError(`${name}: there is no column ${unknown}`);
  if (!columns.includes("indicator_value")) {
    throw new SyntaxError(`${name}: the column indicator_value is missing`);
  }
  return lines.map((line, index) => {
    const at = `${name}, indicator ${index + 1}`;
    if (line.length !== columns.length) {
      throw new SyntaxError(`${at}: ${line.length} values instead of ${columns.length}`);
    }
    const fields = Object.fromEntries(
      columns.map((column, place) => [column, line[place]!.trim()]),
    );
    return indicatorOf(fields, name, at);
  });
}

function indicatorOf(
  fields: Readonly<Record<string, string>>,
  name: string,
  at: string,
): Indicator {
  const refuse = (what: string): never => {
    throw new SyntaxError(`${at}: ${what}`);
  };
  const raw = fields.indicator_value!;
  if (raw === "") refuse("there is no value");
  const type = (fields.indicator_type || typeOf(normalize("ip", raw))) as IndicatorType;
  if (!TYPES.includes(type)) refuse(`there is no type ${type}`);
  const severity = SEVERITIES.find((grade) => grade === fields.severity) ?? null;
  if (fields.severity && severity === null) refuse(`there is no severity ${fields.severity}`);
  const confidence = confidenceOf(fields.confidence);
  if (fields.confidence && confidence === null) refuse(`${fields.confidence} is no confidence`);
  const time = (column: string) => {
    const time = timeOf(fields[column]);
    if (fields[column] && time === null) refuse(`${fields[column]} is no time`);
    return time;
  };
  const [from, until] = [time("valid_from"), time("valid_until")];
  const value = normalize(type, raw);
  if ((type === "ip" || type === "cidr") && !networkKey(value)) refuse(`${raw} is no ${type}`);
  return {
    indicator_id: fields.indicator_id || `${name}:${value}`,
    indicator_type: type,
    indicator_value: value,
    threat_category: textOrNull(fields.threat_category),
    severity,
    confidence,
    source: fields.source || name,
    first_seen: time("first_seen"),
    last_seen: time("last_seen"),
    description: textOrNull(fields.description),
    tags: (fields.tags ?? "").split(";").map((tag) => tag.trim()).filter((tag) => tag !== ""),
    ...from !== null && { valid_from: from },
    ...until !== null && { valid_until: until },
    ...fields.revoked && { revoked: /^(1|true|yes)$/i.test(fields.revoked) },
  };
}
