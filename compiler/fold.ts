/**
 * A name as SQLite compares names: ASCII letters in lower case, all others as they are. Elsewhere two names may be one
 * that are different ones here: the Kelvin sign `K` has a small `k`.
 */
export function folded(name: string): string {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(name)
    ? name.toLowerCase()
    : name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether a name is one that SQLite has for the number of a row, unless a table has such a column. */
export function isRowId(name: string): boolean {
  return /^(?:rowid|oid|_rowid_)$/i.test(name);
}
