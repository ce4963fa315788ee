import type { CompiledDetection, CompiledQuery, TableRead } from "../../model/compiled.ts";
import { ASKED_KEYS, keyedTable, type Trigger } from "../../model/plan.ts";
import type { NotEvaluated, Partial } from "../../model/verdict.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";
import { bind, judgeableRows, type Moment } from "../judgeable.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { View } from "../view.ts";
import { keySql, keySqlOverEvents } from "./keys.ts";

/** Keys that a query needs, and those of them that were not answered. */
export interface KeyAnswers {
  /** Keys that were not answered. */
  readonly lacking: number;
  /** Why, in words. */
  readonly reason: string;
}

/**
 * Whether the keys that a query needs were asked for and answered. Where every key of a trigger was not, nothing is known
 * of the table; where some were not, it is judged on the others. Tables whose rows were given and not asked for, as
 * fixtures give them, have every row there is.
 *
 * @returns `undefined` where every key was answered
 */
export async function keyAnswers(
  { plan, resources }: CompiledQuery & Pick<CompiledDetection, "resources">,
  view: View,
  now: number,
  sandbox: Sandbox,
  timeout: number,
): Promise<KeyAnswers | NotEvaluated | undefined> {
  const reasons: string[] = [];
  let lacking = 0;
  const stream = streamOf({ plan }, view);
  for (const trigger of plan.triggers) {
    const { table } = trigger;
    const asked = view.asked?.get(table);
    if (!asked) continue;
    if (asked.resources && !resources?.[asked.resources]?.length) {
      const reason =
        `${table}: the detection names no files under \`resources.${asked.resources}\``;
      return { kind: "unavailable", reason };
    }
    if (stream !== undefined && !view.events!.has(stream)) continue;
    const outcome = await countKeys(trigger, stream, view, now, sandbox, timeout);
    if (outcome.status === "failed") {
      return { kind: outcome.kind, reason: `the keys of ${table}: ${outcome.reason}` };
    }
    const [wanted, answered, why] = outcome.rows[0]!;
    const left = Number(wanted) - Number(answered);
    if (left === 0) continue;
    const reason = `${table}: ${left} of ${wanted} keys were not answered (${
      why ?? "they were not asked for"
    })`;
    if (Number(answered) === 0) return { kind: "unavailable", reason };
    lacking += left;
    reasons.push(reason);
  }
  return lacking > 0 ? { lacking, reason: reasons.join("; ") } : undefined;
}

/**
 * Whether the rows of tables can be judged, see {@linkcode judgeableRows}. Where none of those that were asked for by keys
 * can, keys that were answered and have no rows are judged nevertheless: one process that may not be read is not all.
 */
export async function judgeableWithKeys(
  query: CompiledQuery,
  tables: readonly TableRead[],
  view: View,
  moment: Moment,
  sandbox: Sandbox,
  timeout: number,
): Promise<Partial | NotEvaluated | undefined> {
  const found = judgeableRows(tables, view, moment, query.plan);
  if (!found || !("kind" in found) || !view.asked) return found;
  const answered = await answeredKeys(query, view, moment.now, sandbox, timeout);
  return judgeableRows(tables, view, moment, query.plan, answered);
}

/** How many of the keys that a query needs were answered, by the name that their table has in the image. */
async function answeredKeys(
  { plan }: CompiledQuery,
  view: View,
  now: number,
  sandbox: Sandbox,
  timeout: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const stream = streamOf({ plan }, view);
  if (stream !== undefined && !view.events!.has(stream)) return found;
  for (const trigger of plan.triggers) {
    // Of a pattern nobody knows how many rows it stands for.
    if (!view.asked?.has(trigger.table) || trigger.keys.kind === "glob") continue;
    const outcome = await countKeys(trigger, stream, view, now, sandbox, timeout);
    if (outcome.status === "failed") continue;
    const name = keyedTable(trigger.table, trigger.key);
    found.set(name, Math.max(found.get(name) ?? 0, Number(outcome.rows[0]![1])));
  }
  return found;
}

function countKeys(
  trigger: Trigger,
  stream: string | undefined,
  view: View,
  now: number,
  sandbox: Sandbox,
  timeout: number,
): ReturnType<Sandbox["run"]> {
  return sandbox.run({
    image: view.image,
    sql: countSql(trigger, stream),
    parameters: bindKeys(trigger, view, now),
    timeout,
  });
}

/** Adds keys that were not answered to what else could not be judged; `rows` is what there is without them. */
export function withKeys(
  partial: Partial | undefined,
  { lacking, reason }: KeyAnswers,
  rows: number,
): Partial {
  const { evaluated, of } = partial ?? { evaluated: rows, of: rows };
  return {
    evaluated,
    of: of + lacking,
    reason: partial ? `${partial.reason}; ${reason}` : reason,
  };
}

/** Counts the keys that are wanted and those that were answered, and has a reason for the others. */
function countSql(trigger: Trigger, stream: string | undefined): string {
  const { table, key, keys } = trigger;
  const column = keys.kind === "glob" ? `${key} GLOB` : key;
  const answers = (condition: string, what: string) =>
    `SELECT ${what} FROM ${quoteIdentifier(ASKED_KEYS)} AS asked WHERE asked."table" = ${
      literal(table)
    } AND asked."key_column" = ${
      literal(column)
    } AND asked."key" = wanted."key" AND asked."lacking" ${condition} LIMIT 1`;
  const answered = `EXISTS (${answers("IS NULL", "1")})`;
  return `WITH ${wantedSql(trigger, stream)}
SELECT count(*), count(CASE WHEN ${answered} THEN 1 END),
  max(CASE WHEN NOT ${answered} THEN (${answers("IS NOT NULL", "asked.lacking")}) END) FROM wanted`;
}

/** The common table `wanted` with the keys, or the patterns, that a query wants of a view. */
export function wantedSql({ keys }: Trigger, stream: string | undefined): string {
  return `given ${givenSql()}, wanted AS (SELECT DISTINCT "key" FROM given WHERE "key" IS NOT NULL)`;

  function givenSql(): string {
    if (keys.kind !== "rows") {
      const list = keys.kind === "values" ? keys.values : keys.patterns;
      return `("key") AS (SELECT value FROM json_each(${literal(JSON.stringify(list))}))`;
    }
    const sql = stream === undefined ? keySql(keys) : keySqlOverEvents(keySql(keys), stream);
    return `("key"${keys.process ? ', "process"' : ""}) AS (\n${sql}\n)`;
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The table of events that the queries for keys read. */
export function streamOf(
  { plan: { events } }: Pick<CompiledQuery, "plan">,
  view: View,
): string | undefined {
  return view.events && events.possible ? events.stream : undefined;
}

/** The values of the parameters of a query for keys. */
export function bindKeys(
  { keys }: Trigger,
  view: View,
  now: number,
): Record<string, number | null> {
  return bind(keys.kind === "rows" ? keys.parameters : [], view, now);
}
