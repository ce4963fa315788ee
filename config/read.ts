import { isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { z } from "zod";
import { parseYaml } from "../compiler/front_matter/yaml.ts";
import { nearest } from "../compiler/nearest.ts";
import type { Code } from "../diagnostics/codes.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../diagnostics/source.ts";
import { ALL_SETTINGS } from "./environment.ts";
import { SETTINGS, type Settings } from "./settings.ts";
import { keysAt, shapeOf } from "./shape.ts";

/** A configuration after reading; `settings` is null where it has faults. */
export interface ReadSettings {
  readonly settings: Settings | null;
  /** In the order of the file, then those of environment variables. */
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that the diagnostics are about, by their name. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** The variables that settings come from. */
  readonly variables: readonly string[];
}

/** Settings that stand together in one text: a file, or an environment variable. */
interface Origin {
  readonly source: SourceText;
  /** Where in the settings its value belongs. */
  readonly path: readonly string[];
  readonly contents: unknown;
}

/** The longest configuration, in UTF-16 code units. */
const MAX_SETTINGS = 256 * 1024;

/**
 * Reads settings from the text of `daemoneye.yaml` and from environment variables, which go before it. Never throws; every
 * fault is a diagnostic with its place.
 *
 * @param file what the text is called in diagnostics
 * @param environment the value of a variable
 */
export function readSettings(
  text: string,
  file: string,
  environment: (name: string) => string | undefined = () => undefined,
): ReadSettings {
  const diagnostics: Diagnostic[] = [];
  const origins: Origin[] = [];
  const variables: string[] = [];
  const open = (text: string, name: string, path: readonly string[]): unknown => {
    const source = new SourceText(name, text);
    const whole = { start: 0, end: text.length };
    const report = (span: Span, message: string, hint?: string) =>
      void diagnostics.push(diagnostic("yaml-syntax", source, span, message, hint));
    if (text.length > MAX_SETTINGS) {
      report({ start: 0, end: 0 }, `it is longer than ${MAX_SETTINGS} characters`);
      return undefined;
    }
    const { document, faults } = parseYaml(text);
    for (const { span, message, hint } of faults) report(span ?? whole, message, hint);
    const contents = document?.contents ?? null;
    origins.push({ source, path, contents });
    if (faults.length > 0 || !document) return undefined;
    if (path.length === 0 && contents !== null && !isMap(contents)) {
      report(whole, "it is not a mapping", "key: value, a line each");
      return undefined;
    }
    return document.toJSON();
  };
  const values = (open(text, file, []) ?? {}) as Record<string, unknown>;
  for (const { path, variable } of ALL_SETTINGS) {
    const given = environment(variable);
    if (given === undefined || given === "") continue;
    variables.push(variable);
    put(values, path, open(given, `$${variable}`, path));
  }
  const sources = new Map(origins.map(({ source }) => [source.file, source]));
  if (hasErrors(diagnostics)) return { settings: null, diagnostics, sources, variables };
  const parsed = SETTINGS.safeParse(values);
  if (parsed.success) return { settings: parsed.data, diagnostics, sources, variables };
  for (const issue of parsed.error.issues) {
    diagnostics.push(...located(issue, values, origins));
  }
  diagnostics.sort((a, b) => Number(a.file !== file) - Number(b.file !== file) || a.line - b.line);
  return { settings: null, diagnostics, sources, variables };
}

function put(values: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown) {
  if (rest.length === 0) values[key!] = value;
  else {
    // What is no mapping is a fault of the file, which is told unless the variable hides it.
    const inner = values[key!];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) values[key!] = {};
    put(values[key!] as Record<string, unknown>, rest, value);
  }
}

/** The diagnostics of what zod has found. */
function located(
  issue: z.core.$ZodIssue,
  values: unknown,
  origins: readonly Origin[],
): Diagnostic[] {
  const origin = origins.findLast(({ path }) => path.every((key, at) => issue.path[at] === key))!;
  const inside = issue.path.slice(origin.path.length);
  const name = (path: readonly PropertyKey[]) => path.map(String).join(".");
  const say = (code: Code, span: Span, message: string, hint?: string) =>
    diagnostic(code, origin.source, span, message, hint);
  const here = spanAt(origin, inside);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(SETTINGS, issue.path, values);
    return issue.keys.map((key) =>
      say(
        "unknown-key",
        spanAt(origin, [...inside, key], true),
        `there is no key \`${name([...issue.path, key])}\``,
        nearest(key, known) ?? known.join(", "),
      )
    );
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    values,
  );
  const at = `\`${name(issue.path)}\``;
  const choices = issue.code === "invalid_value"
    ? issue.values.map(String)
    : issue.code === "invalid_union" && "discriminator" in issue
    ? typesOf(issue.path)
    : undefined;
  if (value === undefined) {
    return [say("missing-key", here, `the key ${at} is missing`, choices?.join(", "))];
  }
  if (choices) {
    const message = `${at}: ${JSON.stringify(value)} is not one of ${choices.join(", ")}`;
    return [say("invalid-value", here, message, nearest(String(value), choices))];
  }
  return [say("invalid-value", here, `${at}: ${wanted(issue)}`)];
}

/** What a setting takes. A setting that says so itself is quoted; zod's own words are for those who write schemas. */
function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const kind = issue.message.startsWith("Invalid input") ? KINDS[issue.expected] : undefined;
      return kind ? `it takes ${kind}` : issue.message;
    }
    case "too_small":
      return `it takes at least ${issue.minimum}${COUNTED[issue.origin] ?? ""}`;
    case "too_big":
      return `it takes at most ${issue.maximum}${COUNTED[issue.origin] ?? ""}`;
    default:
      return issue.message;
  }
}

const COUNTED: Readonly<Record<string, string>> = { string: " characters", array: " elements" };

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

/** What `type` may be in the mapping that it stands in. */
function typesOf(path: readonly PropertyKey[]): readonly string[] {
  const setting = ALL_SETTINGS.find((one) => one.path.every((key, at) => path[at] === key));
  return setting ? literalsOf(setting.schema) : [];
}

function literalsOf(schema: z.core.$ZodType): readonly string[] {
  const { element, options } = shapeOf(schema);
  if (element) return literalsOf(element);
  return (options ?? []).flatMap((option) => {
    const { def } = (shapeOf(option).keys!["type"] as z.core.$ZodTypes)._zod;
    return def.type === "literal" ? def.values.map(String) : [];
  });
}

/** Where the value at a path stands, or its key; of what is not there, where the mapping around it stands. */
function spanAt({ contents, source }: Origin, path: readonly PropertyKey[], key = false): Span {
  let node = contents;
  let span = rangeOf(node) ?? { start: 0, end: source.text.length };
  for (const [at, name] of path.entries()) {
    const pair = isMap(node)
      ? (node as YAMLMap).items.find((item) => keyOf(item) === String(name))
      : undefined;
    const next = pair ? pair.value : itemOf(node, name);
    if (next === undefined) break;
    const last = at === path.length - 1;
    span = (last && key && rangeOf(pair?.key)) || rangeOf(next) || rangeOf(pair?.key) || span;
    node = next;
  }
  return span;
}

function itemOf(node: unknown, name: PropertyKey): unknown {
  return isSeq(node) ? node.items[Number(name)] : undefined;
}

function keyOf({ key }: Pair<unknown, unknown>): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function rangeOf(node: unknown): Span | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? { start: range[0], end: range[1] } : undefined;
}
