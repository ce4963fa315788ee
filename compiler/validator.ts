import { DatabaseSync } from "node:sqlite";
import { ALLOWED_FUNCTIONS, registerFunctions } from "../dialect/mod.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { tableDdl } from "../schema/ddl.ts";
import type { Platform } from "../schema/types.ts";

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
  /** What the authorizer was asked for while a statement was prepared. */
  reads: Map<string, Set<string>>;
}

const cache = new WeakMap<Catalogue, Map<Platform, Validator>>();

function validatorOf(catalogue: Catalogue, platform: Platform): Validator {
  let validators = cache.get(catalogue);
  if (!validators) cache.set(catalogue, validators = new Map());
  let validator = validators.get(platform);
  if (!validator) {
    validators.set(platform, validator = build(catalogue, platform));
  }
  return validator;
}

function build(catalogue: Catalogue, platform: Platform): Validator {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  for (const spec of catalogue.values()) db.exec(tableDdl(spec, platform));
  const validator: Validator = { db, reads: new Map() };
  const tables = new Set([...catalogue.keys()]);
  for (const [name, { kind }] of ALLOWED_FUNCTIONS) if (kind === "table") tables.add(name);
  const allow = (yes: boolean): number => yes ? OK : DENY;
  (db as unknown as WithAuthorizer).setAuthorizer((action, first, second) => {
    switch (action) {
      case SELECT:
      case RECURSIVE:
        return OK;
      case FUNCTION:
        return allow(ALLOWED_FUNCTIONS.has((second ?? "").toLowerCase()));
      case READ: {
        const table = first ?? "";
        if (catalogue.has(table)) {
          const columns = validator.reads.get(table) ?? new Set();
          if (second) columns.add(second);
          validator.reads.set(table, columns);
          return allow(second !== "ROWID");
        }
        // Without a column it is the name of a subquery whose rows are only counted.
        return allow(tables.has(table) || second === "");
      }
      default:
        return DENY;
    }
  });
  return validator;
}

/** Asks SQLite: prepares the query, which runs nothing, and lets it do nothing but read virtual tables. */
export function validate(sql: string, catalogue: Catalogue, platform: Platform): Verdict {
  const validator = validatorOf(catalogue, platform);
  validator.reads = new Map();
  try {
    const columns = validator.db.prepare(sql).columns();
    return { accepted: true, reads: validator.reads, columns };
  } catch (error) {
    return { accepted: false, message: error instanceof Error ? error.message : String(error) };
  }
}
