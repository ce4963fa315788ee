import { type Document, isMap, isScalar, isSeq, type Node } from "yaml";
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../../diagnostics/source.ts";
import { PLATFORMS } from "../../schema/types.ts";
import { parseYaml } from "../front_matter/yaml.ts";
import { type Budget, SECTIONS } from "./grants.ts";

/** Name of the file that has what the detections of a repository may make a host grant. */
export const LOCK_NAME = "permissions.lock.json";

/** A lock file after reading. */
export interface LockFile {
  /** Its text and name. */
  readonly source: SourceText;
  /** What it grants; null where it is damaged. */
  readonly budget: Budget | null;
  /** What is wrong with it. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where it has a platform, a collector of it, a section of that, or an item of that. */
  spanOf(path: readonly string[]): Span;
}

const VERSION = 1;
const TEXTS = z.array(z.string());
const COLLECTOR = z.strictObject(mapOf(SECTIONS, () => TEXTS));
const LOCK = z.strictObject({
  version: z.literal(VERSION),
  ...mapOf(PLATFORMS, () => z.record(z.string(), COLLECTOR).optional()),
});

function mapOf<K extends string, V>(names: readonly K[], value: () => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, value()])) as Record<K, V>;
}

/** The text of a lock, the same for the same budget, with a line for each grant so that a diff can be read. */
export function lockText(budget: Budget): string {
  return `${JSON.stringify({ version: VERSION, ...budget }, null, 2)}\n`;
}

/** Reads the text of a lock. */
export function parseLock(text: string, file: string): LockFile {
  const source = new SourceText(file, text);
  const damaged = (span: Span, message: string): LockFile => ({
    source,
    budget: null,
    diagnostics: [diagnostic("invalid-lock", source, span, message, REWRITE)],
    spanOf: () => span,
  });
  const conflict = /^(?:<{7}|={7}|>{7}).*$/m.exec(text);
  if (conflict) {
    const { index, 0: line } = conflict;
    return damaged({ start: index, end: index + line.length }, "a merge conflict is not resolved");
  }
  // JSON is YAML too, whose parser knows the place of everything.
  const { document, faults: [fault] } = parseYaml(text);
  if (fault || !document?.contents) {
    const message = fault ? `it is not JSON: ${fault.message}` : "it is empty";
    return damaged(fault?.span ?? { start: 0, end: 0 }, message);
  }
  const { success, data, error } = LOCK.safeParse(document.toJS());
  if (success) {
    const { version: _version, ...budget } = data;
    return {
      source,
      budget: budget as Budget,
      diagnostics: [],
      spanOf: (path) => placeOf(document, path),
    };
  }
  const { path, message } = error.issues[0]!;
  const place = path.length > 0 ? `\`${path.join(".")}\`: ` : "";
  return damaged(placeOf(document, path.map(String)), `it is no lock: ${place}${message}`);
}

/** A lock that cannot be read from the disk. */
export function unreadableLock(file: string, message: string): LockFile {
  const source = new SourceText(file, "");
  const span = { start: 0, end: 0 };
  const fault = diagnostic("invalid-lock", source, span, message, "check its permissions");
  return { source, budget: null, diagnostics: [fault], spanOf: () => span };
}

const REWRITE = "take it from version control, or write it anew with daemoneye explain " +
  "--permissions --write-lock";

/** The place of a key, or of an item of a list by its number or its text; of what is nearest to it where it is not there. */
function placeOf({ contents }: Document, path: readonly string[]): Span {
  let place: Node | null = contents as Node | null;
  let inner: Node | null = place;
  for (const step of path) {
    if (isMap(inner)) {
      const pair = inner.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (!pair) break;
      place = pair.key as Node;
      inner = pair.value as Node | null;
    } else if (isSeq(inner)) {
      const item = inner.items.find((one, index) =>
        isScalar(one) && one.value === step || String(index) === step
      );
      if (!item) break;
      place = inner = item as Node;
    }
  }
  const [start, end] = place?.range ?? [0, 0];
  return place === contents ? { start, end: Math.min(start + 1, end) } : { start, end };
}
