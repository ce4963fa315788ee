import { imports_exports } from "../../profiles/imports_exports.ts";
import type { GapReason } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Reading } from "../core/collector.ts";
import { createContentCache } from "../files/content_cache.ts";
import { describeApi } from "./api.ts";
import { readProgram } from "./formats/program.ts";
import { Exhausted } from "./formats/source.ts";
import type { ProgramSymbol } from "./formats/types.ts";
import { CACHE, CACHED_SYMBOLS } from "./limits.ts";
import type { OpenFile, Target } from "./targets.ts";

const known = createContentCache<readonly ProgramSymbol[]>(CACHE);

/** Those of the file itself. */
const OF_FILE: readonly string[] = ["pid", "process_key", "file_path", "platform_data"];

/** The columns that say what a file takes and gives. */
const TOLD = collectedColumns(imports_exports, "linux").map(({ name }) => name)
  .filter((name) => !OF_FILE.includes(name));

/**
 * The rows of a file, one for each function that it takes or gives. Where not all of them can be told, the last row is of
 * those that are missing: nothing is known of it but the file.
 */
export function* listSymbols({ pid, process_key, path, file }: Target): Iterable<Reading> {
  const of = {
    pid: pid ?? null,
    process_key: process_key ?? null,
    ...(path !== undefined && { file_path: path }),
  };
  const rest = (reason: GapReason): Reading => ({
    row: of,
    gaps: Object.fromEntries(
      [...path === undefined ? ["file_path"] : [], ...TOLD].map((column) => [column, reason]),
    ),
  });
  if (typeof file === "string") {
    yield rest(file);
    return;
  }
  try {
    for (const symbol of symbolsOf(file)) {
      const { type, library, name, ordinal, address } = symbol;
      const { category, suspicious } = describeApi(name);
      yield {
        row: {
          ...of,
          import_type: type,
          library_name: library ?? null,
          function_name: name ?? null,
          ordinal: ordinal ?? null,
          address: address ?? null,
          api_category: category ?? null,
          suspicious,
        },
      };
    }
    if (!file.isUnchanged()) yield rest("not_collected");
  } catch (error) {
    yield rest(error instanceof Exhausted ? error.reason : "not_collected");
  }
}

function* symbolsOf(file: OpenFile): Iterable<ProgramSymbol> {
  const before = file.identity && known.get(file.identity);
  if (before) {
    yield* before;
    return;
  }
  const all: ProgramSymbol[] = [];
  let characters = 0;
  const isSmall = () =>
    all.length <= CACHED_SYMBOLS.count && characters <= CACHED_SYMBOLS.characters;
  for (const symbol of readProgram(file.source()).symbols()) {
    if (isSmall()) {
      all.push(symbol);
      characters += (symbol.name?.length ?? 0) + (symbol.library?.length ?? 0);
    }
    yield symbol;
  }
  if (file.identity && isSmall() && file.isUnchanged()) known.set(file.identity, all);
}
