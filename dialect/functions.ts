/** What a function takes or gives. `any` takes every class; a JSON text is `json`, which is a text as well. */
export type ValueClass = "any" | "text" | "number" | "boolean" | "json";

/** How a function is used: in an expression, over rows, only with OVER, or in FROM. */
export type FunctionKind = "scalar" | "aggregate" | "window" | "table";

/** What is known of a function that queries may call. */
export interface FunctionSpec {
  /** How it is used. */
  readonly kind: FunctionKind;
  /** The fewest arguments. */
  readonly minArgs: number;
  /** The most arguments; `Infinity` where there is no limit but SQLite's (1,000). */
  readonly maxArgs: number;
  /** With so many arguments or more an aggregate is a scalar function (`max(a, b)`). */
  readonly scalarFrom?: number;
  /** The classes of the arguments; the last one counts for all that follow. */
  readonly args?: readonly ValueClass[];
  /** The class of the value; absent where it depends on the arguments. */
  readonly result?: ValueClass;
  /** SQLite's own, or one that {@linkcode registerFunctions} adds. */
  readonly builtin: boolean;
  /** What its value is, in a few words. */
  readonly description: string;
}

type Line = readonly [
  name: string,
  arity: readonly [min: number, max: number],
  args: readonly ValueClass[],
  result: ValueClass | null,
  description: string,
];

const MANY = Infinity;

const SCALAR: readonly Line[] = [
  ["abs", [1, 1], ["number"], "number", "Absolute value"],
  ["char", [0, MANY], ["number"], "text", "Text of the given code points"],
  ["coalesce", [2, MANY], ["any"], null, "First value that is not NULL"],
  ["concat", [1, MANY], ["any"], "text", "Texts joined, NULL as empty"],
  [
    "concat_ws",
    [2, MANY],
    ["text", "any"],
    "text",
    "Texts joined by the first argument, NULL left out",
  ],
  ["format", [1, MANY], ["text", "any"], "text", "Text by a printf-style format"],
  ["glob", [2, 2], ["text", "any"], "boolean", "Y GLOB X as a function"],
  ["hex", [1, 1], ["any"], "text", "Bytes as hexadecimal digits"],
  ["if", [2, MANY], ["any"], null, "The value after the first condition that holds"],
  ["ifnull", [2, 2], ["any"], null, "The second value where the first is NULL"],
  ["iif", [2, MANY], ["any"], null, "The value after the first condition that holds"],
  [
    "instr",
    [2, 2],
    ["any", "any"],
    "number",
    "Place of the second text in the first, from 1; 0 if nowhere",
  ],
  ["length", [1, 1], ["any"], "number", "Number of characters"],
  ["like", [2, 3], ["text", "any", "text"], "boolean", "Y LIKE X ESCAPE Z as a function"],
  [
    "likelihood",
    [2, 2],
    ["any", "number"],
    null,
    "The first argument, with a hint for the planner",
  ],
  ["likely", [1, 1], ["any"], null, "The argument, with a hint for the planner"],
  ["lower", [1, 1], ["text"], "text", "ASCII letters in lower case"],
  ["ltrim", [1, 2], ["text", "text"], "text", "Text without leading spaces or given characters"],
  ["nullif", [2, 2], ["any"], null, "NULL where both are equal, else the first"],
  ["octet_length", [1, 1], ["any"], "number", "Number of bytes"],
  ["printf", [1, MANY], ["text", "any"], "text", "Text by a printf-style format"],
  ["quote", [1, 1], ["any"], "text", "The value as an SQL literal"],
  ["replace", [3, 3], ["text", "text", "text"], "text", "Text with every occurrence replaced"],
  ["round", [1, 2], ["number", "number"], "number", "Number rounded to so many digits"],
  ["rtrim", [1, 2], ["text", "text"], "text", "Text without trailing spaces or given characters"],
  ["sign", [1, 1], ["number"], "number", "-1, 0 or 1"],
  ["soundex", [1, 1], ["text"], "text", "Soundex code of a name"],
  ["substr", [2, 3], ["text", "number", "number"], "text", "Part of a text, from 1"],
  ["substring", [2, 3], ["text", "number", "number"], "text", "Part of a text, from 1"],
  ["trim", [1, 2], ["text", "text"], "text", "Text without spaces or given characters at its ends"],
  ["typeof", [1, 1], ["any"], "text", "Storage class: null, integer, real, text, blob"],
  ["unhex", [1, 2], ["text", "text"], null, "Bytes of hexadecimal digits"],
  ["unicode", [1, 1], ["text"], "number", "Code point of the first character"],
  ["unistr", [1, 1], ["text"], "text", "Text with backslash-u escapes resolved"],
  [
    "unistr_quote",
    [1, 1],
    ["any"],
    "text",
    "The value as an SQL literal, control characters escaped",
  ],
  ["unlikely", [1, 1], ["any"], null, "The argument, with a hint for the planner"],
  ["upper", [1, 1], ["text"], "text", "ASCII letters in upper case"],
  ["date", [1, MANY], ["any", "text"], "text", "Date as YYYY-MM-DD"],
  ["time", [1, MANY], ["any", "text"], "text", "Time as HH:MM:SS"],
  ["datetime", [1, MANY], ["any", "text"], "text", "Date and time as YYYY-MM-DD HH:MM:SS"],
  [
    "julianday",
    [1, MANY],
    ["any", "text"],
    "number",
    "Days since noon in Greenwich on 24 November 4714 BC",
  ],
  ["unixepoch", [1, MANY], ["any", "text"], "number", "Seconds since the Unix epoch"],
  ["strftime", [2, MANY], ["text", "any", "text"], "text", "Date and time by a format"],
  [
    "timediff",
    [2, 2],
    ["any", "any"],
    "text",
    "Span between two times, as a modifier for date functions",
  ],
  ["->", [2, 2], ["json", "any"], "json", "Part of a JSON value, as JSON"],
  ["->>", [2, 2], ["json", "any"], null, "Part of a JSON value, as an SQL value"],
  ["json", [1, 1], ["json"], "json", "JSON in its shortest form"],
  ["json_array", [0, MANY], ["any"], "json", "JSON array of the arguments"],
  [
    "json_array_insert",
    [3, MANY],
    ["json", "text", "any"],
    "json",
    "JSON with elements inserted in arrays",
  ],
  ["json_array_length", [1, 2], ["json", "text"], "number", "Number of elements of a JSON array"],
  [
    "json_error_position",
    [1, 1],
    ["any"],
    "number",
    "Where a text stops being JSON, from 1; 0 if it is JSON",
  ],
  ["json_extract", [2, MANY], ["json", "text"], null, "Part of a JSON value, as an SQL value"],
  [
    "json_insert",
    [3, MANY],
    ["json", "text", "any"],
    "json",
    "JSON with values added where there are none",
  ],
  ["json_object", [0, MANY], ["any"], "json", "JSON object of names and values"],
  ["json_patch", [2, 2], ["json", "json"], "json", "JSON merged with a patch (RFC 7396)"],
  ["json_pretty", [1, 2], ["json", "text"], "json", "JSON with line breaks"],
  ["json_quote", [1, 1], ["any"], "json", "An SQL value as JSON"],
  ["json_remove", [1, MANY], ["json", "text"], "json", "JSON without the given parts"],
  [
    "json_replace",
    [3, MANY],
    ["json", "text", "any"],
    "json",
    "JSON with existing values replaced",
  ],
  ["json_set", [3, MANY], ["json", "text", "any"], "json", "JSON with values set"],
  ["json_type", [1, 2], ["json", "text"], "text", "Type of a JSON value"],
  ["json_valid", [1, 2], ["any", "number"], "boolean", "Whether a text is JSON"],
];

const AGGREGATE: readonly Line[] = [
  ["avg", [1, 1], ["number"], "number", "Mean"],
  ["count", [0, 1], ["any"], "number", "Number of rows, or of values that are not NULL"],
  [
    "group_concat",
    [1, 2],
    ["any", "text"],
    "text",
    "Values joined, by a comma or the second argument",
  ],
  ["string_agg", [2, 2], ["any", "text"], "text", "Values joined by the second argument"],
  ["sum", [1, 1], ["number"], "number", "Sum, NULL of no rows"],
  ["total", [1, 1], ["number"], "number", "Sum, 0.0 of no rows"],
  ["json_group_array", [1, 1], ["any"], "json", "JSON array of the values"],
  ["json_group_object", [2, 2], ["text", "any"], "json", "JSON object of names and values"],
];

const WINDOW: readonly Line[] = [
  ["row_number", [0, 0], [], "number", "Number of the row in its partition, from 1"],
  ["rank", [0, 0], [], "number", "Rank with gaps"],
  ["dense_rank", [0, 0], [], "number", "Rank without gaps"],
  ["percent_rank", [0, 0], [], "number", "Rank from 0 to 1"],
  ["cume_dist", [0, 0], [], "number", "Share of rows up to this one"],
  ["ntile", [1, 1], ["number"], "number", "Number of the row's bucket"],
  ["lag", [1, 3], ["any", "number", "any"], null, "Value of an earlier row"],
  ["lead", [1, 3], ["any", "number", "any"], null, "Value of a later row"],
  ["first_value", [1, 1], ["any"], null, "Value of the frame's first row"],
  ["last_value", [1, 1], ["any"], null, "Value of the frame's last row"],
  ["nth_value", [2, 2], ["any", "number"], null, "Value of the frame's nth row"],
];

const TABLE: readonly Line[] = [
  ["json_each", [1, 2], ["json", "text"], null, "A row for each element of a JSON array or object"],
  [
    "json_tree",
    [1, 2],
    ["json", "text"],
    null,
    "A row for each element at any depth of a JSON value",
  ],
];

const OWN: readonly Line[] = [
  [
    "regexp",
    [2, 2],
    ["text", "text"],
    "boolean",
    "`Y REGEXP X` as a function: whether RE2 pattern X matches in Y",
  ],
  ["contains", [2, 2], ["text", "text"], "boolean", "Whether X contains Y, ASCII case aside"],
  ["starts_with", [2, 2], ["text", "text"], "boolean", "Whether X starts with Y, ASCII case aside"],
  ["ends_with", [2, 2], ["text", "text"], "boolean", "Whether X ends with Y, ASCII case aside"],
  [
    "in_cidr",
    [2, 2],
    ["text", "text"],
    "boolean",
    "Whether an address lies in a network; NULL if either is none",
  ],
  [
    "address_class",
    [1, 1],
    ["text"],
    "text",
    "loopback, private, link_local, multicast or public; NULL if not an address",
  ],
  ["entropy", [1, 1], ["text"], "number", "Shannon entropy in bits per byte of UTF-8, 0 to 8"],
  [
    "from_base64",
    [1, 1],
    ["text"],
    "text",
    "Text behind base64, standard or URL-safe; NULL if it is not base64",
  ],
  ["basename", [1, 1], ["text"], "text", "Last part of a path"],
  ["dirname", [1, 1], ["text"], "text", "A path without its last part"],
];

function specs(
  kind: FunctionKind,
  builtin: boolean,
  lines: readonly Line[],
): (readonly [string, FunctionSpec])[] {
  return lines.map(([name, [minArgs, maxArgs], args, result, description]) => [name, {
    kind,
    minArgs,
    maxArgs,
    args,
    ...(result !== null && { result }),
    builtin,
    description,
  }]);
}

/** `max` and `min` are aggregates of one argument and scalar functions of several. */
function extreme(description: string): FunctionSpec {
  return {
    kind: "aggregate",
    minArgs: 1,
    maxArgs: MANY,
    scalarFrom: 2,
    args: ["any"],
    builtin: true,
    description,
  };
}

/**
 * Every function that a query may call, by its name in lower case. Left out of SQLite's own are those that read the
 * clock (`current_timestamp`), chance (`random`, `randomblob`), the connection (`changes`, `last_insert_rowid`,
 * `sqlite_version`), files (`load_extension`), that take memory for nothing (`zeroblob`), that show how SQLite stores
 * values (`subtype`, `jsonb` and its kin), and those of the search extensions (`match`, `fts5`, `bm25`, `rtreenode`).
 */
export const ALLOWED_FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map([
  ...specs("scalar", true, SCALAR),
  ...specs("aggregate", true, AGGREGATE),
  ["max", extreme("Largest value of the rows, or of the arguments")],
  ["min", extreme("Smallest value of the rows, or of the arguments")],
  ...specs("window", true, WINDOW),
  ...specs("table", true, TABLE),
  ...specs("scalar", false, OWN),
]);
