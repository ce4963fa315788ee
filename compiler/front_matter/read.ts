import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { Code } from "../../diagnostics/codes.ts";
import type { Span } from "../../diagnostics/source.ts";
import { MAX_HINTS, nearest } from "../nearest.ts";
import type { Field, Fields, Shape } from "./fields.ts";

/** Where YAML values are read to. */
export interface Reader {
  /** Where the YAML begins in the file. */
  readonly base: number;
  /** The front-matter's end, for keys that are missing. */
  readonly fence: Span;
  /** Whether the YAML was read to its end, so that what is not there is missing. */
  readonly whole: boolean;
  readonly spans: Map<string, Span>;
  readonly report: (code: Code, span: Span, message: string, hint?: string) => void;
}

/** Reads a mapping by its fields: values, defaults, and every fault in it. */
export function readFields(
  reader: Reader,
  map: YAMLMap,
  fields: Fields,
  path = "",
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const present = new Set<string>();
  const extra: Record<string, unknown> = {};
  let hints = MAX_HINTS;
  for (const pair of map.items as Pair<unknown, unknown>[]) {
    const keySpan = spanOf(reader, pair.key) ?? spanOf(reader, map) ?? reader.fence;
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const at = path === "" ? key : `${path}.${key}`;
    reader.spans.set(`${at}:key`, keySpan);
    present.add(key);
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field) {
      const value = readField(reader, pair.value, field.shape, at, keySpan);
      if (value !== undefined) values[key] = value;
    } else if (path === "" && key.startsWith("x-")) {
      const span = spanOf(reader, pair.value);
      if (span) reader.spans.set(at, span);
      extra[key] = isNode(pair.value) ? pair.value.toJSON() : null;
    } else {
      const near = --hints >= 0 ? nearest(key, Object.keys(fields)) : undefined;
      const hint = near ??
        (path === "" ? "keys of your own begin with `x-`" : `${Object.keys(fields).join(", ")}`);
      reader.report("unknown-key", keySpan, `there is no key \`${at}\``, hint);
    }
  }
  const place = path === "" ? reader.fence : spanOf(reader, map) ?? reader.fence;
  for (const [key, field] of Object.entries(fields)) {
    if (field.required && !present.has(key) && reader.whole) {
      const at = path === "" ? key : `${path}.${key}`;
      reader.report("missing-key", place, `the key \`${at}\` is missing`, missingHint(field));
    }
    if (values[key] === undefined && field.default !== undefined) values[key] = field.default;
  }
  return path === "" ? { ...values, extra } : values;
}

function missingHint({ shape, description }: Field): string {
  const words = "scalar" in shape ? shape.scalar.schema["enum"] : undefined;
  return Array.isArray(words) ? `${description}: ${words.join(", ")}` : description;
}

function readField(
  reader: Reader,
  node: unknown,
  shape: Shape,
  path: string,
  keySpan: Span,
): unknown {
  const span = spanOf(reader, node) ?? keySpan;
  reader.spans.set(path, span);
  const wrong = (message: string, hint?: string) =>
    reader.report("invalid-value", span, `\`${path}\`: ${message}`, hint);
  if ("fields" in shape) {
    if (isMap(node)) return readFields(reader, node, shape.fields, path);
    wrong("it takes a mapping", `{ ${Object.keys(shape.fields).join(", ")} }`);
    return undefined;
  }
  if ("list" in shape) {
    if (!isSeq(node)) {
      const hint = isScalar(node) && node.source ? `[${node.source}]` : undefined;
      wrong("it takes a list", hint);
      return undefined;
    }
    if (node.items.length < (shape.least ?? 0)) wrong("the list is empty");
    const values = node.items.map((item, index) =>
      readField(reader, item, shape.list, `${path}.${index}`, span)
    );
    if (shape.unique) {
      values.forEach((value, index) => {
        if (value === undefined || values.indexOf(value) === index) return;
        const place = reader.spans.get(`${path}.${index}`) ?? span;
        reader.report("invalid-value", place, `\`${path}\`: ${JSON.stringify(value)} stands twice`);
      });
    }
    return values;
  }
  if (isMap(node) || isSeq(node)) {
    wrong("it takes one value");
    return undefined;
  }
  const checked = isScalar(node)
    ? shape.scalar.read(node.value, node.source ?? String(node.value))
    : shape.scalar.read(null, "");
  if ("value" in checked) return checked.value;
  wrong(checked.problem, checked.hint);
  return undefined;
}

function spanOf(reader: Reader, node: unknown): Span | undefined {
  if (!isNode(node)) return undefined;
  const range = (node as Node).range;
  if (!range || isAlias(node)) return undefined;
  return { start: reader.base + range[0], end: reader.base + range[1] };
}
