import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";
import type { Resource } from "../model/collection.ts";
import type { CompiledDetection, TableRead } from "../model/compiled.ts";
import type { Detection } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";

/** Reads a file by its path relative to the detection; throws an error whose message says why it cannot. */
export type ReadResource = (path: string) => string;

/** What the files hold that a detection names under `resources`. */
export interface ReadResources {
  /** By kind; absent where it names none. */
  readonly resources: CompiledDetection["resources"];
  /** Files that cannot be read, each where it is named. */
  readonly faults: readonly Diagnostic[];
}

/** Reads the files that a detection names under `resources`. */
export function readResources(
  { meta, spans }: Detection,
  source: SourceText,
  read: ReadResource,
): ReadResources {
  const faults: Diagnostic[] = [];
  const readAll = (kind: "yara" | "indicators"): readonly Resource[] =>
    meta.resources[kind].flatMap((name, index) => {
      try {
        return [{ name, text: read(name) }];
      } catch (error) {
        const span = spans.get(`resources.${kind}.${index}`) ?? { start: 0, end: 0 };
        const message = `${name} cannot be read: ${(error as Error).message}`;
        const hint = "the path is relative to the detection's own folder";
        faults.push(diagnostic("unreadable-file", source, span, message, hint));
        return [];
      }
    });
  const resources = { yara: readAll("yara"), indicators: readAll("indicators") };
  const none = resources.yara.length === 0 && resources.indicators.length === 0;
  return { resources: none ? undefined : resources, faults };
}

/** Tables that a detection reads which show what its resources find, where it names none. */
export function unnamedResources(
  { meta, spans, sqlStart }: Detection,
  source: SourceText,
  tables: readonly TableRead[],
  catalogue: Catalogue,
): readonly Diagnostic[] {
  return tables.flatMap(({ table }) => {
    const kind = catalogue.get(table)?.resources;
    if (!kind || meta.resources[kind].length > 0) return [];
    const span = spans.get("resources:key") ?? { start: sqlStart, end: sqlStart };
    const message =
      `\`${table}\` shows what the files under \`resources.${kind}\` find, and there are none`;
    const hint = `resources: { ${kind}: [path] }, relative to the detection's own folder`;
    return [diagnostic("missing-key", source, span, message, hint)];
  });
}
