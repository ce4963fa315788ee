import { createHash } from "node:crypto";
import { rowKey } from "../../alerts/mod.ts";
import { lex } from "../../compiler/lexer.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Cell } from "../../schema/batch.ts";
import { allColumns, STORED_COLUMNS } from "../../schema/columns.ts";

/**
 * The columns that make a row the same row from run to run: `identity`, else the whole row without what changes by
 * itself (volatile columns, and those that say of which scan a row is). Where nothing else is left, all of them.
 */
export function identityColumns(
  { detection: { meta }, columns }: CompiledDetection,
  catalogue: Catalogue,
): readonly string[] {
  if (meta.identity) return meta.identity;
  const names = columns.map(({ name }) => name);
  const lasting = columns.filter(({ origin }) => {
    if (!origin) return true;
    const spec = catalogue.get(origin.table);
    const column = spec && allColumns(spec).find(({ name }) => name === origin.column);
    return !(origin.column in STORED_COLUMNS) && column?.volatile !== true;
  }).map(({ name }) => name);
  return lasting.length > 0 ? lasting : names;
}

/** Longer keys are remembered as their hash. */
const MAX_KEY = 64;

/** The key of a row by some of its columns, short enough to be remembered in thousands. */
export function shortKey(
  { columns }: CompiledDetection,
  names: readonly string[],
  row: readonly Cell[],
): string {
  const key = rowKey(columns, names, row);
  return key.length <= MAX_KEY ? key : createHash("sha256").update(key).digest("base64url");
}

const digests = new WeakMap<CompiledDetection, string>();

/** The digest of what state depends on: the SQL, comments and white space aside, its result columns, and `more`. */
export function stateDigest(compiled: CompiledDetection, more: readonly unknown[]): string {
  let query = digests.get(compiled);
  if (query === undefined) {
    const tokens = lex(compiled.sql).tokens.map(({ text }) => text);
    query = sha256([tokens, compiled.columns.map(({ name }) => name)]);
    digests.set(compiled, query);
  }
  return sha256([query, ...more]);
}

function sha256(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
