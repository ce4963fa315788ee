import { join } from "@std/path";

/** A query that stands in some file. */
export interface FoundQuery {
  readonly file: string;
  readonly sql: string;
}

const QUERY = /^\s*(?:--[^\n]*\n\s*|\/\*[^]*?\*\/\s*)*(?:SELECT|WITH)\b/i;

/**
 * Finds the queries in the `.sql`, `.conf` and `.json` files at and below a folder, each text once: a `.sql` file as a
 * whole, of the others every string that reads as a query.
 */
export function readQueries(folder: string): readonly FoundQuery[] {
  const found = new Map<string, FoundQuery>();
  const add = (file: string, sql: string) => {
    if (QUERY.test(sql) && !found.has(sql)) found.set(sql, { file, sql });
  };
  for (const file of filesBelow(folder, /\.(?:sql|conf|json)$/)) {
    const text = Deno.readTextFileSync(file);
    if (file.endsWith(".sql")) add(file, text);
    else for (const sql of stringsIn(text)) add(file, sql);
  }
  return [...found.values()];
}

/** The files at and below a folder whose names have a form, in the order of their paths. */
export function filesBelow(folder: string, form: RegExp): readonly string[] {
  return [...Deno.readDirSync(folder)].sort((left, right) => left.name < right.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      const path = join(folder, name);
      if (isDirectory) return name.startsWith(".") ? [] : filesBelow(path, form);
      return form.test(name) ? [path] : [];
    });
}

/** The strings of JSON, also of the kind with comments, spare commas and lines that end in a backslash. */
function stringsIn(text: string): readonly string[] {
  const joined = text.replace(/\\\r?\n/g, " ");
  return [...joined.matchAll(/"(?:[^"\\]|\\.)*"/g)].flatMap(([literal]) => {
    try {
      return [JSON.parse(literal.replace(/[\n\r\t]/g, " ")) as string];
    } catch {
      return [];
    }
  });
}
