import {
  confidenceOf,
  type Indicator,
  type IndicatorType,
  normalize,
  textOrNull,
  timeOf,
} from "./indicator.ts";
import { type JsonObject, objectsIn, textsIn } from "./json.ts";

/** Which property of which object holds what (STIX 2.1, part 6), as patterns name it. */
const PATHS: readonly (readonly [RegExp, IndicatorType])[] = [
  [/^(?:ipv4|ipv6)-addr:value$/, "ip"],
  [/^network-traffic:(?:src|dst)_ref\.value$/, "ip"],
  [/^domain-name:value$/, "domain"],
  [/^url:value$/, "url"],
  [/^(?:file|artifact):hashes\.(?:'[\w-]+'|"[\w-]+"|[\w-]+)$/, "hash"],
  [/^email-addr:value$/, "email"],
  [/^email-message:(?:from|sender)_ref\.value$/, "email"],
];

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*')|([a-z0-9-]+:[\w-]+(?:\.(?:'[^']*'|"[^"]*"|[\w-]+))*)|(=|\[|\]|\(|\)|,)|([A-Z]+))/y;

/** Tokens of one pattern. */
const MAX_TOKENS = 10_000;

/**
 * The values that a pattern of STIX 2.1 (part 9) looks for, where any of them is enough: comparisons by `=`, `IN` or
 * `ISSUBSET` that are joined by `OR`. What looks for several things together, or for something else, is none that one
 * value can tell, and gives nothing.
 */
export function parsePattern(
  pattern: string,
): readonly { readonly type: IndicatorType; readonly value: string }[] {
  const tokens = tokenize(pattern);
  if (!tokens) return [];
  const found: { type: IndicatorType; value: string }[] = [];
  let at = 0;
  let depth = 0;
  while (at < tokens.length) {
    const token = tokens[at]!;
    if (token === "[" || token === "(") depth++;
    else if (token === "]" || token === ")") depth--;
    else if (token === "OR") {
      // Between two alternatives.
    } else {
      const values = valuesAfter(tokens, at + 1);
      const type = PATHS.find(([path]) => path.test(token))?.[1];
      if (!values || depth < 1) return [];
      if (!type) return [];
      for (const value of values.list) {
        found.push({ type: type === "ip" && value.includes("/") ? "cidr" : type, value });
      }
      at = values.next;
      continue;
    }
    at++;
  }
  return depth === 0 ? found : [];
}

function valuesAfter(
  tokens: readonly string[],
  at: number,
): { readonly list: readonly string[]; readonly next: number } | undefined {
  const operator = tokens[at];
  const first = tokens[at + 1];
  if (operator === "=" || operator === "ISSUBSET") {
    return first?.startsWith("'") ? { list: [unquote(first)], next: at + 2 } : undefined;
  }
  if (operator !== "IN" || first !== "(") return undefined;
  const list: string[] = [];
  for (let place = at + 2; place + 1 < tokens.length; place += 2) {
    if (!tokens[place]!.startsWith("'")) return undefined;
    list.push(unquote(tokens[place]!));
    if (tokens[place + 1] === ")") return { list, next: place + 2 };
    if (tokens[place + 1] !== ",") return undefined;
  }
  return undefined;
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}

function tokenize(pattern: string): readonly string[] | undefined {
  const tokens: string[] = [];
  const text = pattern.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match || tokens.length === MAX_TOKENS) return undefined;
    tokens.push(match[0].trim());
  }
  return tokens;
}

/**
 * Reads the indicators of a STIX 2.1 bundle. Of several versions of one the latest counts. Those whose pattern no single
 * value can meet are left out (see {@linkcode parsePattern}).
 */
export function readStix(bundle: JsonObject, name: string): Indicator[] {
  const objects = objectsIn(bundle.objects);
  const latest = new Map<string, JsonObject>();
  const names = new Map<string, string>();
  for (const object of objects) {
    const id = textOrNull(object.id);
    if (id === null) continue;
    if (object.type === "identity") names.set(id, String(object.name ?? id));
    const known = latest.get(id);
    const isNewer = !known || (timeOf(object.modified) ?? 0) >= (timeOf(known.modified) ?? 0);
    if (object.type === "indicator" && isNewer) latest.set(id, object);
  }
  return [...latest].flatMap(([id, object]): Indicator[] => {
    if (object.pattern_type !== undefined && object.pattern_type !== "stix") return [];
    const [from, until] = [timeOf(object.valid_from), timeOf(object.valid_until)];
    const labels = textsIn(object.labels);
    const types = textsIn(object.indicator_types);
    const reference = objectsIn(object.external_references)[0]?.source_name;
    return parsePattern(String(object.pattern ?? "")).map(({ type, value }) => ({
      indicator_id: id,
      indicator_type: type,
      indicator_value: normalize(type, value),
      threat_category: types[0] ?? null,
      severity: null,
      confidence: typeof object.confidence === "number"
        ? confidenceOf(Math.min(100, object.confidence) / 100)
        : null,
      source: names.get(String(object.created_by_ref)) ?? textOrNull(reference) ?? name,
      first_seen: timeOf(object.created),
      last_seen: timeOf(object.modified),
      description: textOrNull(object.description) ?? textOrNull(object.name),
      tags: [...new Set([...labels, ...types])],
      ...from !== null && { valid_from: from },
      ...until !== null && { valid_until: until },
      ...object.revoked === true && { revoked: true },
    }));
  });
}
