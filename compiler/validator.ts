import { DatabaseSync } from "node:sqlite";
import { ALLOWED_FUNCTIONS, registerFunctions } from "../dialect/mod.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { tableDdl } from "../schema/ddl.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { readableTables } from "./binding/catalogue.ts";

/** What SQLite says of a query over the empty tables of a platform. */
export type Verdict =
  | {
    readonly accepted: true;
    /** The columns that it reads of each virtual table. */
    readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
    readonly columns: readonly { readonly name: string }[];
  }
  | { readonly accepted: false; readonly message: string };

/** Numbers of SQLite's authorizer: answers, then actions (https://sqlite.org/c3ref/c_alter_table.html). */
const [OK, DENY, READ, SELECT, FUNCTION, RECURSIVE] = [0, 1, 20, 21, 31, 33];

/** What Deno's types of node:sqlite leave out. */
interface WithAuthorizer {
  setAuthorizer(
    callback: (action: number, first: string | null, second: string | null) => number,
  ): void;
}

interface Validator {
  readonly db: DatabaseSync;
  /** Tables that no query has named yet, by their name in lower case. */
  readonly waiting: Map<string, TableSpec>;
  /** Whether one of them is being made, which no query may do. */
  making: boolean;
  /** What the authorizer was asked for while a statement was prepared. */
  reads: Map<string, Set<string>>;
  /** Whether the numbers of rows may be read. */
  rowIds: boolean;
}

const cache = new WeakMap<Catalogue, Map<Platform, Validator>>();

function validatorOf(catalogue: Catalogue, platform: Platform): Validator {
  let validators = cache.get(catalogue);
  if (!validators) cache.set(catalogue, validators = new Map());
  let validator = validators.get(platform);
  if (!validator) {
    validators.set(platform, validator = build(catalogue));
  }
  return validator;
}

function build(catalogue: Catalogue): Validator {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  const specs = readableTables(catalogue);
  const waiting = new Map(specs.map((spec) => [spec.name.toLowerCase(), spec]));
  const tables = new Set(specs.map(({ name }) => name));
  const validator: Validator = { db, waiting, making: false, reads: new Map(), rowIds: false };
  const functions = new Set(
    [...ALLOWED_FUNCTIONS].flatMap(([name, { kind }]) => kind === "table" ? [name] : []),
  );
  const allow = (yes: boolean): number => yes ? OK : DENY;
  (db as unknown as WithAuthorizer).setAuthorizer((action, first, second) => {
    if (validator.making) return OK;
    switch (action) {
      case SELECT:
      case RECURSIVE:
        return OK;
      case FUNCTION:
        return allow(ALLOWED_FUNCTIONS.has((second ?? "").toLowerCase()));
      case READ: {
        const table = first ?? "";
        if (tables.has(table)) {
          const columns = validator.reads.get(table) ?? new Set();
          if (second && second !== "ROWID") columns.add(second);
          validator.reads.set(table, columns);
          return allow(second !== "ROWID" || validator.rowIds);
        }
        // Without a column it is the name of a subquery whose rows are only counted.
        return allow(functions.has(table) || second === "" && !/^sqlite_/i.test(table));
      }
      default:
        return DENY;
    }
  });
  return validator;
}

/** Makes the table that SQLite says is missing, if it is one. All of them together take longer than most queries. */
function makeTable(validator: Validator, message: string, platform: Platform): boolean {
  const name = /^no such table: (?:main\.)?(.+)$/is.exec(message)?.[1]?.toLowerCase() ?? "";
  const spec = validator.waiting.get(name);
  if (!spec) return false;
  validator.waiting.delete(name);
  validator.making = true;
  validator.db.exec(tableDdl(spec, platform));
  validator.making = false;
  return true;
}

/**
 * Asks SQLite: prepares the query, which runs nothing, and lets it do nothing but read virtual tables.
 *
 * @param rowIds whether it may read the numbers of rows: it does so by itself where tables stand in parentheses
 */
export function validate(
  sql: string,
  catalogue: Catalogue,
  platform: Platform,
  rowIds = false,
): Verdict {
  const validator = validatorOf(catalogue, platform);
  validator.rowIds = rowIds;
  for (;;) {
    validator.reads = new Map();
    try {
      const columns = validator.db.prepare(sql).columns();
      return { accepted: true, reads: validator.reads, columns };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!makeTable(validator, message, platform)) return { accepted: false, message };
    }
  }
}
