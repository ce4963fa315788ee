import type { CompiledDetection, ResultColumn } from "../../model/compiled.ts";
import type { FrontMatter } from "../../model/detection.ts";

export const META: FrontMatter = {
  id: "3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11",
  title: "A title",
  description: "A description",
  status: "test",
  severity: "high",
  platforms: ["linux"],
  version: "1.2.3",
  author: [],
  references: [],
  falsepositives: [],
  packs: [],
  tags: ["attack.execution"],
  mode: "snapshot",
  emit: ["added"],
  baseline: "silent",
  schedule: { every: 60_000, timeout: 30_000 },
  suppression: { for: 3_600_000 },
  alert: {},
  exceptions: [],
  resources: { yara: [], indicators: [] },
  enabled: true,
  extra: {},
};

/** A detection with the given result columns; a name alone is a column of `processes` that is passed on unchanged. */
export function compiledOf(
  columns: readonly (string | ResultColumn)[],
  meta: Partial<FrontMatter> = {},
  tables: readonly string[] = ["processes"],
): CompiledDetection {
  const parts: Partial<CompiledDetection> = {
    tables: tables.map((table) => ({ table, columns: [] })),
    columns: columns.map((column) =>
      typeof column === "string" ? { name: column, origin: { table: "processes", column } } : column
    ),
    detection: {
      name: "a_detection",
      file: "detections/a_detection.sql",
      text: "",
      meta: { ...META, ...meta },
      spans: new Map(),
      sql: "SELECT 1",
      sqlStart: 0,
    },
  };
  // Alerting looks at nothing else of a compiled detection.
  return parts as CompiledDetection;
}
