import { basename } from "../../dialect/path.ts";
import { binary_analysis } from "../../profiles/binary_analysis.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { createContentCache } from "../files/content_cache.ts";
import { complexityOf } from "./complexity.ts";
import { CONTENT_COLUMNS, readContents } from "./contents.ts";
import { readProgram } from "./formats/program.ts";
import { Exhausted } from "./formats/source.ts";
import type { Program } from "./formats/types.ts";
import { CACHE } from "./limits.ts";
import type { OpenFile, Target } from "./targets.ts";

type Column = Exclude<keyof Row<typeof binary_analysis, "linux">, "platform_data">;

/** What is told of a file besides what the formats and its bytes say. */
const OWN: readonly Column[] = [
  "file_path",
  "file_name",
  "file_size",
  "created_time",
  "modified_time",
  "analysis_time",
];

/** What the format of a file tells, a column each. */
const PROGRAM: Readonly<Partial<Record<Column, (program: Program) => Cell | undefined>>> = {
  file_format: ({ format }) => format,
  architecture: ({ architecture }) => architecture,
  platform: (program) => program.platform(),
  compiler: (program) => program.compiler(),
  build_tool: (program) => program.buildTool(),
  complexity(program) {
    const counts = program.counts();
    return counts && complexityOf(counts);
  },
};

/** Columns that take reading the file. */
const READ = [...Object.keys(PROGRAM), ...CONTENT_COLUMNS] as const;

/** What was found out of a content, and when. */
interface Known {
  readonly values: Record<string, Cell>;
  readonly time: number;
}

const known = createContentCache<Known>(CACHE);

/** The row of a file: of what takes reading only the columns that are wanted. */
export function analyse(
  { pid, process_key, path, file }: Target,
  project: readonly string[],
): Reading {
  const wanted = new Set(project);
  const named = {
    pid: pid ?? null,
    process_key: process_key ?? null,
    ...(path !== undefined && { file_path: path, file_name: basename(path) ?? path }),
  };
  if (typeof file === "string") {
    const columns = [...OWN, ...READ].filter((column) => !(column in named));
    return { row: named, gaps: Object.fromEntries(columns.map((column) => [column, file])) };
  }
  const { values, gaps, time } = examine(file, wanted);
  return {
    row: {
      ...named,
      file_size: file.size,
      created_time: file.created ?? null,
      modified_time: file.modified,
      analysis_time: time,
      ...values,
    },
    gaps,
  };
}

/** Finds out what is wanted of a file and not known of its content. */
function examine(file: OpenFile, wanted: ReadonlySet<string>) {
  const before = file.identity && known.get(file.identity);
  const values = { ...before?.values };
  const gaps: Record<string, GapReason> = {};
  const open = new Set(READ.filter((column) => wanted.has(column) && !(column in values)));
  const time = before && open.size === 0 ? before.time : Date.now();

  const tryTo = (columns: readonly string[], read: () => Record<string, Cell>) => {
    try {
      Object.assign(values, read());
    } catch (error) {
      // What cannot be read any more, as when a disk fails, is missing as well.
      const reason = error instanceof Exhausted ? error.reason : "not_collected";
      for (const column of columns) gaps[column] = reason;
    }
  };
  let program: Program | undefined;
  for (const [column, read] of Object.entries(PROGRAM)) {
    if (!open.has(column)) continue;
    tryTo([column], () => ({ [column]: read(program ??= readProgram(file.source())) ?? null }));
  }
  const contents = CONTENT_COLUMNS.filter((column) => open.has(column));
  if (contents.length) tryTo(contents, () => ({ ...readContents(file, open) }));

  if (open.size > 0 && !file.isUnchanged()) {
    for (const column of open) {
      delete values[column];
      gaps[column] = "not_collected";
    }
  } else if (file.identity) known.set(file.identity, { values: { ...values }, time });
  return { values, gaps, time };
}
