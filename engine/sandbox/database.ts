import { constants, DatabaseSync } from "../../std/sqlite.ts";
import { ALLOWED_FUNCTIONS, registerFunctions } from "../../dialect/mod.ts";
import { PROBE, registerProbe, type TruthCounts } from "./probe.ts";
import type { Failure, ResultHeader, RunRequest } from "./protocol.ts";

/** A result with its rows as JSON text, or why there is none. */
export interface Answer {
  /** What it is. */
  readonly header: ResultHeader | Failure;
  /** The rows. */
  readonly payload?: Uint8Array<ArrayBuffer>;
}

/** A database that can only be asked. */
export interface Image {
  /** Runs a query; throws SQLite's errors. */
  run(request: RunRequest): Answer;
  /** Puts the tables of another serialized database in the place of its own, until the next ones; none if empty. */
  lay(bytes: Uint8Array<ArrayBuffer>): void;
  /** Gives the memory back. */
  close(): void;
}

/** The longest text that a query can make, bytes; SQLite's own limit is a gigabyte. */
const MAX_VALUE = 32 << 20;

/** Our aggregate over the rows of a query; its name is refused in queries. */
const COLLECT = "daemoneye_collect";

const encoder = new TextEncoder();

/**
 * Opens a serialized database so that only reading the tables in it remains possible: no other statement, no function
 * outside the dialect, no schema table, no temporary file, no more memory than `heap` bytes.
 *
 * The heap limit counts for the whole process and can be lowered, never raised. Each image takes a connection of its own: a
 * query with `json_each` reads freed memory where the content of a connection that has run one before was exchanged.
 */
export function openImage(bytes: Uint8Array<ArrayBuffer>, heap: number): Image {
  const db = new DatabaseSync(":memory:", { allowExtension: false });
  db.exec(`PRAGMA hard_heap_limit = ${heap}`);
  db.exec("PRAGMA temp_store = 2");
  db.exec("PRAGMA trusted_schema = OFF");
  db.deserialize(bytes);
  let tables = readable(db);

  const functionErrors: string[] = [];
  registerFunctions(db, { onError: (message) => functionErrors.push(message) });
  let collector: Collector | undefined;
  db.aggregate(COLLECT, {
    start: 0,
    varargs: true,
    useBigIntArguments: true,
    step: (_state: number, ...values: unknown[]) => {
      collector?.add(values);
      return 0;
    },
    result: () => 0,
  });
  const probes = registerProbe(db);
  db.limits.length = MAX_VALUE;
  db.limits.attach = 0;
  db.exec("PRAGMA query_only = ON");

  let wrapping = false;
  let probing = false;
  let laid = false;
  let laying = false;
  db.setAuthorizer((action, first, second) => {
    if (laying) return constants.SQLITE_OK;
    switch (action) {
      case constants.SQLITE_SELECT:
      case constants.SQLITE_RECURSIVE:
        return constants.SQLITE_OK;
      case constants.SQLITE_READ:
        // Without a column it is a subquery of which only the rows count.
        return tables.has(first ?? "") || second === ""
          ? constants.SQLITE_OK
          : constants.SQLITE_DENY;
      case constants.SQLITE_FUNCTION:
        return ALLOWED_FUNCTIONS.has(second?.toLowerCase() ?? "") ||
            wrapping && second === COLLECT || probing && second === PROBE
          ? constants.SQLITE_OK
          : constants.SQLITE_DENY;
      default:
        return constants.SQLITE_DENY;
    }
  });

  return {
    run({ sql, parameters, maxRows, maxResult, probes: clauses }) {
      functionErrors.length = 0;
      probing = clauses !== undefined;
      probes.begin(clauses ?? 0);
      const names = db.prepare(sql).columns().map((column) => column.name);
      if (names.length === 0) return refusal("the statement returns no columns");
      collector = new Collector(maxRows, maxResult);
      wrapping = true;
      try {
        const statement = db.prepare(wrap(sql, names.length, maxRows));
        statement.setAllowUnknownNamedParameters(true);
        statement.get(bindings(parameters));
      } finally {
        wrapping = false;
      }
      if (functionErrors.length > 0) return refusal(functionErrors[0]!);
      return collector.answer(names, probing ? probes.counts : undefined);
    },
    lay(bytes) {
      laying = true;
      try {
        db.exec("PRAGMA query_only = OFF");
        if (laid) db.exec("ROLLBACK");
        laid = bytes.length > 0;
        if (laid) {
          db.exec("BEGIN");
          copyTables(bytes, db);
        }
        tables = readable(db);
      } finally {
        db.exec("PRAGMA query_only = ON");
        laying = false;
      }
    },
    close: () => db.close(),
  };
}

/** What queries may read. */
function readable(db: DatabaseSync): ReadonlySet<string> {
  const own = db.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").all();
  const functions = [...ALLOWED_FUNCTIONS].filter(([, { kind }]) => kind === "table");
  return new Set([...own.map(({ name }) => String(name)), ...functions.map(([name]) => name)]);
}

/** Copies the tables of a serialized database, each in the place of the one that has its name. */
function copyTables(bytes: Uint8Array<ArrayBuffer>, db: DatabaseSync): void {
  using from = new DatabaseSync(":memory:", { allowExtension: false });
  from.deserialize(bytes);
  const schema = from.prepare(
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC",
  ).all() as { type: string; name: string; sql: string }[];
  for (const { type, name, sql } of schema) {
    if (type === "table") db.exec(`DROP TABLE IF EXISTS ${quoted(name)}`);
    db.exec(sql);
    if (type !== "table") continue;
    const rows = from.prepare(`SELECT * FROM ${quoted(name)} ORDER BY rowid`);
    rows.setReadBigInts(true);
    const places = rows.columns().map(() => "?").join(", ");
    const insert = db.prepare(`INSERT INTO ${quoted(name)} VALUES (${places})`);
    for (const row of rows.all()) insert.run(...Object.values(row));
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function refusal(reason: string): Answer {
  return { header: { type: "error", reason } };
}

/**
 * The rows of a query go through an aggregate, one by one, and the aggregate's own single row is fetched: node:sqlite
 * ends `iterate()` in silence where SQLite reports an error, and only `get()` and `all()` throw. The names of the
 * columns are replaced, since two may be equal.
 */
function wrap(sql: string, columns: number, maxRows: number): string {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`).join(", ");
  return `WITH daemoneye_result (${names}) AS (\n${sql}\n)
SELECT ${COLLECT}(${names}) FROM (SELECT * FROM daemoneye_result LIMIT ${maxRows + 1})`;
}

function bindings(
  parameters: Readonly<Record<string, string | null>>,
): Record<string, bigint | null> {
  return Object.fromEntries(
    Object.entries(parameters).map((
      [name, value],
    ) => [name, value === null ? null : BigInt(value)]),
  );
}

/** Characters that a value has at least as JSON. */
function lengthOf(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}

/** Turns rows into JSON text as they come, up to its limits. */
class Collector {
  readonly #rows: string[] = [];
  readonly #big = new Set<number>();
  #size = 0;
  #truncated = false;
  /** More text than allowed: what there is does not count. */
  #overflown = false;

  constructor(readonly maxRows: number, readonly maxResult: number) {}

  /** Takes a row. Never throws: it is called from within SQLite. */
  add(values: readonly unknown[]): void {
    if (this.#overflown) return;
    if (this.#rows.length === this.maxRows) {
      this.#truncated = true;
      return;
    }
    // What is too long as it is would only be longer as JSON, and its values are large.
    const least = values.reduce<number>((sum, value) => sum + lengthOf(value), this.#size);
    if (least > this.maxResult) return this.#overflow();
    const row = `[${values.map((value, column) => this.#encode(value, column)).join(",")}]`;
    this.#size += row.length;
    if (this.#size > this.maxResult) return this.#overflow();
    this.#rows.push(row);
  }

  #overflow(): void {
    this.#overflown = true;
    this.#rows.length = 0;
  }

  /** What has become of the query whose columns have these names, and whose clauses have turned out so. */
  answer(columns: readonly string[], probes: readonly TruthCounts[] | undefined): Answer {
    if (this.#overflown) return { header: { type: "limit", limit: "result" } };
    return {
      header: {
        type: "result",
        columns,
        big: [...this.#big],
        truncated: this.#truncated,
        ...(probes && { probes }),
      },
      payload: encoder.encode(`[${this.#rows.join(",")}]`),
    };
  }

  #encode(value: unknown, column: number): string {
    switch (typeof value) {
      case "string":
        return JSON.stringify(value);
      case "bigint":
        if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return `${value}`;
        this.#big.add(column);
        return `{"n":"${value}"}`;
      case "number":
        // JSON has no infinity; a number beyond the largest is read as one.
        return Number.isFinite(value) ? `${value}` : value > 0 ? "1e999" : "-1e999";
      default:
        return value instanceof Uint8Array ? `"${value.toHex()}"` : "null";
    }
  }
}
