import { CATALOGUE } from "../../../profiles/mod.ts";
import { type Column, columnsOf, STORED_COLUMNS } from "../../../schema/columns.ts";
import type { ColumnType } from "../../../schema/types.ts";
import type { Chance } from "./random.ts";

/** Tables that are collected as a whole, and tables that are asked for by keys. */
export const MONITORED = ["processes", "network_connections", "users", "process_events"] as const;
export const KEYED = [
  "binary_analysis",
  "yara_matches",
  "memory_regions",
  "file_metadata",
] as const;

/** The values that columns of random tables have, and that random queries compare them with. */
export const VALUES: Readonly<Record<ColumnType, readonly (number | string)[]>> = {
  integer: [0, 1, 2, 3, 4, 5],
  float: [0, 0.5, 1, 2.5, 7.25],
  string: ["", "x", "X", "/tmp/x", "/usr/bin/a", "a%b", "sshd", "é", "1"],
  boolean: [0, 1],
  timestamp: [1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_500],
  json: ["{}", '["a"]', '{"a": 1}'],
};

const SIMILAR: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  integer: ["integer", "float"],
  float: ["integer", "float"],
  string: ["string"],
  boolean: ["boolean"],
  timestamp: ["timestamp"],
  json: [],
};

/** The columns that random queries use: so few that they meet. */
export function columnsFor(table: string): readonly Column[] {
  const columns = columnsOf(CATALOGUE.get(table)!, "linux")
    .filter(({ name }) => !(name in STORED_COLUMNS) || name === "host");
  const chosen = columns.filter(({ key, lookup, name, type }, index) =>
    key || lookup || name === "process_key" || type === "json" && index % 5 === 0 || index < 12 ||
    type === "boolean" || type === "timestamp" || type === "float"
  );
  return chosen.slice(0, 24);
}

interface Source {
  /** Empty for columns that USING makes of those of several tables. */
  readonly alias: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

function reference(alias: string, name: string): string {
  return alias === "" ? name : `${alias}.${name}`;
}

/** Makes queries of every shape that the compiler accepts, or nearly so. */
export class QueryMaker {
  #aliases = 0;
  #common: { name: string; columns: Source["columns"] }[] = [];

  constructor(readonly chance: Chance) {}

  /** A whole statement. Without ORDER BY there is no LIMIT, so that each has one result. */
  statement(): string {
    const { chance } = this;
    if (chance.is(0.4)) return this.#simple();
    const common = chance.is(0.3) ? this.#commonTables() : "";
    const roll = chance.next();
    if (roll < 0.15) return `${common}${this.#compound()}`;
    if (roll < 0.3) return `${common}${this.#aggregate()}`;
    const { sql, columns } = this.#select(3);
    if (!chance.is(0.15)) return common + sql;
    const order = columns.map((_, index) => index + 1).join(", ");
    return `${common}${sql} ORDER BY ${order} LIMIT ${chance.below(5)}`;
  }

  /** Two or three different tables that share processes, and a few conditions on each: what detections look like. */
  #simple(): string {
    const { chance } = this;
    const [first, second, third] = [
      ["processes", "network_connections", "process_events"],
      ["network_connections", "processes", "process_events"],
      ["process_events", "processes", "network_connections"],
    ][chance.below(3)] as [string, string, string];
    const sources = [{ alias: "a", columns: columnsFor(first) }];
    let from = `${first} a`;
    // A name that is merged once has to be merged every time.
    const using = chance.is(0.3);
    const join = (table: string, alias: string) => {
      sources.push({ alias, columns: columnsFor(table) });
      const kind = chance.pick(["JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
      if (using) {
        from += ` ${kind} ${table} ${alias} USING (pid)`;
        return;
      }
      from += ` ${kind} ${table} ${alias} ON ${alias}.pid = a.pid`;
      if (chance.is(0.3)) from += ` AND ${this.#condition(sources, 0, false)}`;
    };
    if (chance.is(0.3)) from += this.#keyedJoin(sources);
    join(second, "b");
    if (chance.is(0.3)) join(third, "c");
    if (chance.is(using ? 0.7 : 0.3)) from += this.#keyedJoin(sources);
    const conditions = Array.from(
      { length: 1 + chance.below(3) },
      () => this.#condition([chance.pick(sources)], chance.below(2), false),
    );
    const keys = sources.map(({ alias, columns }) =>
      `${alias}.${columns[0]!.name} AS ${alias}_key`
    );
    return `SELECT ${keys.join(", ")} FROM ${from} WHERE ${conditions.join(" AND ")}`;
  }

  #commonTables(): string {
    const parts = Array.from({ length: 1 + this.chance.below(2) }, (_, index) => {
      const { sql, columns } = this.#select(2);
      this.#common.push({ name: `c${index}`, columns });
      return `c${index} AS (${sql})`;
    });
    if (this.chance.is(0.3)) parts.push(this.#recursion());
    return `WITH RECURSIVE ${parts.join(", ")} `;
  }

  /** The processes above or below some. */
  #recursion(): string {
    const columns = columnsFor("processes");
    const where = (alias: string) => this.#condition([{ alias, columns }], 1, false);
    const [from, to] = this.chance.pick([["pid", "ppid"], ["ppid", "pid"]]);
    this.#common.push({
      name: "r",
      columns: [{ name: "v0", type: "integer" }, { name: "v1", type: "string" }],
    });
    return `r(v0, v1) AS (SELECT q.${to}, q.name FROM processes q WHERE ${where("q")} UNION ` +
      `SELECT q.${to}, q.name FROM r JOIN processes q ON q.${from} = r.v0 WHERE ${where("q")})`;
  }

  #compound(): string {
    const width = 1 + this.chance.below(2);
    const types = Array.from(
      { length: width },
      () => this.chance.pick(["integer", "string"] as const),
    );
    const arms = Array.from({ length: 2 }, () => this.#select(2, types).sql);
    return arms.join(` ${this.chance.pick(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])} `);
  }

  #aggregate(): string {
    const { sources, from } = this.#from(2);
    const group = this.#column(sources);
    const number = this.#column(sources, "integer") ?? "1";
    const having = this.chance.is(0.4) ? ` HAVING count(*) > ${this.chance.below(3)}` : "";
    const filter = this.chance.is(0.3) ? ` FILTER (WHERE ${this.#condition(sources, 1)})` : "";
    return `SELECT ${group} AS g, count(*)${filter} AS n, max(${number}) AS m FROM ${from}` +
      `${this.#where(sources)} GROUP BY ${group}${having}`;
  }

  #select(
    depth: number,
    types?: readonly ColumnType[],
  ): { sql: string; columns: Source["columns"] } {
    const { chance } = this;
    const { sources, from } = this.#from(depth);
    const wanted = types ??
      Array.from(
        { length: 1 + chance.below(3) },
        () => chance.pick(["integer", "string", "boolean"] as const),
      );
    const columns = wanted.map((type, index) => ({ name: `v${index}`, type }));
    const values = wanted.map((type, index) => {
      const column = this.#column(sources, type) ?? this.#literal(type);
      const windowed = type === "integer" && !types && chance.is(0.05);
      const value = windowed ? `count(*) OVER (PARTITION BY ${this.#column(sources)})` : column;
      return `${value} AS v${index}`;
    });
    const distinct = chance.is(0.15) ? "DISTINCT " : "";
    return {
      sql: `SELECT ${distinct}${values.join(", ")} FROM ${from}${this.#where(sources)}`,
      columns,
    };
  }

  #where(sources: readonly Source[]): string {
    return this.chance.is(0.85) ? ` WHERE ${this.#condition(sources, this.chance.below(3))}` : "";
  }

  #from(depth: number, most = 3): { sources: Source[]; from: string } {
    const { chance } = this;
    const sources: Source[] = [];
    let from = this.#source(sources, depth);
    for (let joins = Math.min(most, chance.pick([0, 1, 1, 1, 2, 2, 3])); joins > 0; joins--) {
      const left = [...sources];
      if (chance.is(0.35)) from += this.#keyedJoin(sources);
      else if (chance.is(0.2)) {
        from += `, ${this.#source(sources, depth - 1)}`;
      } else {
        const kind = chance.pick([
          "JOIN",
          "LEFT JOIN",
          "LEFT JOIN",
          "LEFT JOIN",
          "CROSS JOIN",
          "RIGHT JOIN",
          "FULL JOIN",
        ]);
        const right = chance.is(0.15)
          ? this.#group(sources, depth - 1)
          : this.#source(sources, depth - 1);
        const using = chance.is(0.3) ? this.#using(left, sources) : undefined;
        from += ` ${kind} ${right}${using ?? ` ON ${this.#joinCondition(left, sources)}`}`;
      }
    }
    return { sources, from };
  }

  /** Tables in parentheses, whose conditions see each other and nothing else. */
  #group(sources: Source[], depth: number): string {
    const inner = this.#from(depth, 2);
    sources.push(...inner.sources);
    return `(${inner.from})`;
  }

  /** USING, if both sides share a column; it may then stand for itself. */
  #using(left: readonly Source[], sources: Source[]): string | undefined {
    const right = sources.slice(left.length).flatMap(({ columns }) => columns);
    const shared = left.flatMap(({ columns }) => columns)
      .filter(({ name, type }) => type !== "json" && right.some((one) => one.name === name));
    if (shared.length === 0) return undefined;
    const column = this.chance.is(0.7) ? shared[0]! : this.chance.pick(shared);
    if (this.chance.is(0.3)) sources.push({ alias: "", columns: [column] });
    return ` USING (${column.name})`;
  }

  #source(sources: Source[], depth: number): string {
    const { chance } = this;
    const alias = `t${this.#aliases++}`;
    if (depth > 0 && chance.is(0.1)) {
      const { sql, columns } = this.#select(depth - 1);
      sources.push({ alias, columns });
      return `(${sql}) AS ${alias}`;
    }
    if (this.#common.length > 0 && chance.is(0.3)) {
      const { name, columns } = chance.pick(this.#common);
      sources.push({ alias, columns });
      return `${name} ${alias}`;
    }
    const table = chance.pick(MONITORED);
    sources.push({ alias, columns: columnsFor(table) });
    return `${table} ${alias}`;
  }

  /** A join to a table that needs keys, in one of the ways in which they can be given. */
  #keyedJoin(sources: Source[]): string {
    const { chance } = this;
    const table = chance.pick(KEYED);
    const alias = `t${this.#aliases++}`;
    const key = chance.pick(CATALOGUE.get(table)!.requires!);
    const type = CATALOGUE.get(table)!.columns[key]![0];
    const left = [...sources];
    const value = this.#column(left, type);
    sources.push({ alias, columns: columnsFor(table) });
    const outer = chance.is(0.5) ? "LEFT " : "";
    const keyed = `${alias}.${key} = ${value ?? this.#literal(type)}`;
    const on = chance.is(0.3) ? ` AND ${this.#condition(sources, 1)}` : "";
    const named = left.some(({ columns }) => columns.some(({ name }) => name === key));
    if (named && chance.is(0.3)) return ` ${outer}JOIN ${table} ${alias} USING (${key})`;
    if (value && chance.is(0.6)) {
      const condition = () => this.#condition(left, 1, false);
      // Without parentheses, which the rewriting has to add.
      const more = chance.is(0.3) ? ` OR ${condition()}` : "";
      const when = chance.is(0.6) ? ` WHEN ${condition()}${more}` : "";
      return ` ${outer}AUTO JOIN ${table} ${alias} ON ${keyed}${on}${when}`;
    }
    return ` ${outer}JOIN ${table} ${alias} ON ${keyed}${on}`;
  }

  #joinCondition(left: readonly Source[], all: readonly Source[]): string {
    const right = all.slice(left.length);
    const type = this.chance.pick(["integer", "string"] as const);
    const [a, b] = [this.#column(left, type), this.#column(right, type)];
    const equality = a && b ? `${a} = ${b}` : "TRUE";
    return this.chance.is(0.3) ? `${equality} AND ${this.#condition(all, 1)}` : equality;
  }

  #column(sources: readonly Source[], type?: ColumnType): string | undefined {
    const all = sources.flatMap(({ alias, columns }) =>
      columns.filter((column) => type === undefined ? column.type !== "json" : column.type === type)
        .map(({ name }) => reference(alias, name))
    );
    return all.length > 0 ? this.chance.pick(all) : undefined;
  }

  #literal(type: ColumnType): string {
    const value = this.chance.pick(VALUES[type]);
    if (type === "boolean") return value ? "TRUE" : "FALSE";
    return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : `${value}`;
  }

  #condition(sources: readonly Source[], depth: number, subqueries = true): string {
    const { chance } = this;
    if (depth > 0 && chance.is(0.6)) {
      const again = () => this.#condition(sources, depth - 1, subqueries);
      if (chance.is(0.1)) return this.#wrapped(again);
      return chance.is(0.2)
        ? `NOT (${again()})`
        : `(${again()} ${chance.pick(["AND", "AND", "OR"])} ${again()})`;
    }
    const typed = sources.flatMap(({ alias, columns }) =>
      columns.map(({ name, type }) => ({ name: reference(alias, name), type }))
    );
    const { name, type } = chance.pick(typed);
    const not = chance.is(0.25) ? "NOT " : "";
    if (subqueries && chance.is(0.08) && type !== "json") {
      const inner = new QueryMaker(chance).#subquery(name, type);
      if (inner) return inner(not);
    }
    if (type === "json" || chance.is(0.25)) {
      return `${name} ${chance.pick(["IS NULL", "IS NOT NULL", "ISNULL", "NOT NULL"])}`;
    }
    if (type === "boolean" && chance.is(0.4)) return `${not}${name}`;
    if (type === "string" && chance.is(0.5)) {
      const [operator, pattern] = chance.pick([
        ["LIKE", "%x%"],
        ["LIKE", "/tmp/%"],
        ["LIKE", "a!%%' ESCAPE '!"],
        ["GLOB", "*[xX]*"],
        ["GLOB", "/usr/*"],
        ["REGEXP", "^(?i)X$"],
        ["REGEXP", "s+h"],
      ]);
      return `${name} ${not}${operator} '${pattern}'`;
    }
    const literal = () => this.#literal(type);
    const roll = chance.next();
    if (roll < 0.2) {
      return `${name} ${not}IN (${literal()}, ${literal()}${chance.is(0.1) ? ", NULL" : ""})`;
    }
    if (roll < 0.35 && type !== "boolean") {
      return `${name} ${not}BETWEEN ${literal()} AND ${literal()}`;
    }
    const operator = chance.pick(
      type === "boolean" ? ["=", "<>"] : ["=", "=", "==", "<>", "<", "<=", ">", ">="],
    );
    if (roll < 0.45) {
      const other = typed.filter((one) => SIMILAR[type].includes(one.type));
      if (other.length > 0) return `${name} ${operator} ${chance.pick(other).name}`;
    }
    if (roll < 0.5 && type === "string") return `lower(${name}) = ${literal()}`;
    if (roll < 0.55 && type === "integer") return `${name} + 1 ${operator} ${literal()}`;
    return chance.is(0.2) ? `${literal()} ${operator} ${name}` : `${name} ${operator} ${literal()}`;
  }

  /** A condition by way of what makes a truth value of others. */
  #wrapped(again: () => string): string {
    return this.chance.pick([
      () =>
        `(${again()}) IS ${this.chance.pick(["TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "NULL"])}`,
      () => `CASE WHEN ${again()} THEN ${again()} ELSE ${again()} END`,
      () => `coalesce(${again()}, ${this.chance.pick(["TRUE", "FALSE"])})`,
      () => `iif(${again()}, ${again()}, FALSE)`,
    ])();
  }

  /** A condition on a column by way of the rows of another table, which may depend on it. */
  #subquery(outer: string, type: ColumnType): ((not: string) => string) | undefined {
    const { chance } = this;
    const table = chance.pick(MONITORED);
    const source = { alias: "s", columns: columnsFor(table) };
    const column = this.#column([source], type);
    if (column === undefined) return undefined;
    const from = `FROM ${table} s WHERE ${this.#condition([source], 1, false)}`;
    return chance.pick([
      (not: string) => `${outer} ${not}IN (SELECT ${column} ${from})`,
      (not: string) => `${not}EXISTS (SELECT 1 ${from} AND ${column} = ${outer})`,
      (not: string) => `${not}(${outer} >= (SELECT max(${column}) ${from}))`,
      (not: string) => `${not}(SELECT count(*) ${from} AND ${column} = ${outer}) > 1`,
    ]);
  }
}
