import { lex } from "../../../compiler/lexer.ts";
import { ALLOWED_FUNCTIONS } from "../../../dialect/mod.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { columnsOf } from "../../../schema/columns.ts";
import { QueryMaker } from "../support/queries.ts";
import type { Chance } from "../support/random.ts";
import type { Corpus } from "./corpus.ts";
import { nested, pumped } from "./growth.ts";

/** A text, and what reads it. */
export interface Input {
  readonly kind: "query" | "detection" | "fixture";
  readonly text: string;
}

/** Longer texts are refused by their length alone. */
const MAX_TEXT = 70_000;

const WORDS = (
  "SELECT FROM WHERE WITH RECURSIVE AS AND OR NOT IN IS NULL LIKE GLOB REGEXP MATCH ESCAPE BETWEEN CASE WHEN THEN ELSE END " +
  "EXISTS JOIN LEFT RIGHT FULL OUTER INNER CROSS NATURAL ON USING AUTO GROUP BY HAVING ORDER LIMIT OFFSET UNION ALL EXCEPT " +
  "INTERSECT DISTINCT VALUES CAST COLLATE OVER PARTITION WINDOW FILTER ROWS PRECEDING CURRENT ROW EXCLUDE TIES ASC DESC NULLS " +
  "LAST MATERIALIZED INDEXED TRUE FALSE ISNULL NOTNULL CURRENT_TIMESTAMP INSERT DELETE UPDATE DROP PRAGMA ATTACH RAISE"
).split(" ");
const SIGNS =
  "( ( ( ) ) ) , , . * = == <> < <= >= + - / % || -> ->> & | << >> ~ ; : ? @ $ ! # [ ] { } \\ ` \" '"
    .split(
      " ",
    );
const LITERALS = (
  "0 1 -1 2147483648 9223372036854775807 9223372036854775808 1e999 .5 1. 0x1F 1_000 1__0 1a x'00' x'0' '' 'a' 'now' 'it''s' " +
  "'%' '/tmp/%' 'utc' 'localtime' '(a+)+$' '(' '[1,2]' '$.a' :now :since :scan_id :x ?1 ? @a $a /**/ /* -- --\n \"pid\" [pid] `pid`"
).split(" ");
const CHARACTERS = [
  ..." \t\n\r\f\v\0'\"`[]();,.*/-_%$@#?:\\{}<>|~^&!=+aZ0\u00a0\u0131\u017f\u0130\u212a\u200b\u202e\u2028\ufeff\ufffd\u00e9",
  "\ud800",
  "\udfff",
  "\u{1f4a9}",
];
const YAML = (
  "- -- --- ... : , [ ] { } & * ! !! | > ? # % @ ` ' \" << ~ null true 1 1.5 1e9 .inf .nan 0x1 2026-01-01 -5m 1h &a *a !!str !!binary " +
  "id: title: description: status: severity: platforms: exceptions: when: alert: identity: schedule: x-a: tables: processes: pid: expect: " +
  "alerts: steps: at: repeat: denied: case: {{pid}} {{ }}"
).split(" ");

const NAMES = [
  ...[...CATALOGUE.values()].flatMap((spec) => [
    spec.name,
    ...columnsOf(spec, "linux").map(({ name }) => name),
  ]),
  ...ALLOWED_FUNCTIONS.keys(),
  "a",
  "b",
  "c",
  "p",
  "rowid",
  "sqlite_master",
  "random",
  "constructor",
  "__proto__",
];

/** Makes the inputs of a run: each one by its own chance, so that it can be made again without the others. */
export function makeInput(chance: Chance, corpus: Corpus): Input {
  const { kind, text } = chance.pick(MAKERS)(chance, corpus);
  return { kind, text: text.slice(0, MAX_TEXT) };
}

type Maker = (chance: Chance, corpus: Corpus) => Input;

const query = (text: string): Input => ({ kind: "query", text });

const MAKERS: readonly Maker[] = [
  (chance) => ({ kind: chance.pick(["query", "detection", "fixture"]), text: noise(chance, 400) }),
  (chance) => query(soup(chance, 60)),
  (chance) => query(`SELECT ${soup(chance, 20)} FROM ${soup(chance, 20)}`),
  (chance) => query(new QueryMaker(chance).statement()),
  (chance) => query(mutated(chance, new QueryMaker(chance).statement(), [])),
  (chance, { queries }) => query(mutated(chance, chance.pick(queries), queries)),
  (chance, { queries }) => query(mutated(chance, chance.pick(queries), queries)),
  (chance, { queries }) => query(scribbled(chance, chance.pick(queries))),
  (chance, { queries }) => query(spliced(chance, chance.pick(queries), chance.pick(queries))),
  (chance, { queries }) =>
    query(chance.is(0.25) ? nested(chance) : mutated(chance, nested(chance, 8), queries)),
  (chance) => query(chance.is(0.25) ? pumped(chance) : new QueryMaker(chance).statement()),
  (chance, { detections }) => ({
    kind: "detection",
    text: scribbled(chance, chance.pick(detections)),
  }),
  (chance, { detections, queries }) => ({
    kind: "detection",
    text: lineMutated(chance, chance.pick(detections), queries),
  }),
  (chance, { queries }) => ({ kind: "detection", text: frontMatter(chance, queries) }),
  (chance, { fixtures }) => ({ kind: "fixture", text: scribbled(chance, chance.pick(fixtures)) }),
  (chance, { fixtures }) => ({
    kind: "fixture",
    text: lineMutated(chance, chance.pick(fixtures), []),
  }),
];

function many<T>(chance: Chance, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + chance.below(most) }, make);
}

/** Any characters, the dangerous ones more often than others. */
function noise(chance: Chance, most: number): string {
  return many(
    chance,
    most,
    () =>
      chance.is(0.5)
        ? chance.pick(CHARACTERS)
        : String.fromCharCode(chance.below(chance.is(0.8) ? 128 : 65_536)),
  ).join("");
}

function word(chance: Chance): string {
  const roll = chance.next();
  if (roll < 0.35) return chance.pick(WORDS);
  if (roll < 0.6) return chance.pick(NAMES);
  if (roll < 0.85) return chance.pick(SIGNS);
  return roll < 0.97 ? chance.pick(LITERALS) : noise(chance, 4);
}

function soup(chance: Chance, most: number): string {
  return many(chance, most, () => word(chance)).join(chance.is(0.9) ? " " : "");
}

/** A query with a few of its tokens dropped, doubled, swapped or replaced by others of the same text or of any. */
export function mutated(chance: Chance, text: string, others: readonly string[]): string {
  const words = lex(text).tokens.slice(0, -1).map((token) => token.text);
  for (let edits = 1 + chance.below(4); edits > 0; edits--) {
    const at = chance.below(words.length + 1);
    const length = 1 + chance.below(chance.is(0.2) ? 12 : 2);
    const part = words.slice(at, at + length);
    switch (chance.below(6)) {
      case 0:
        words.splice(at, length);
        break;
      case 1:
        words.splice(at, 0, ...Array.from({ length: 1 + chance.below(3) }, () => part).flat());
        break;
      case 2:
        words.splice(at, length, word(chance));
        break;
      case 3:
        words.splice(at, 0, word(chance));
        break;
      case 4:
        words.splice(chance.below(words.length + 1), 0, ...words.splice(at, length));
        break;
      case 5: {
        const other = others.length > 0 ? lex(chance.pick(others)).tokens : [];
        const from = chance.below(other.length + 1);
        words.splice(at, length, ...other.slice(from, from + length).map((token) => token.text));
      }
    }
  }
  return words.join(" ");
}

/** A text with a few of its characters replaced, dropped or doubled. */
function scribbled(chance: Chance, text: string): string {
  let result = text;
  for (let edits = 1 + chance.below(5); edits > 0; edits--) {
    const at = chance.below(result.length + 1);
    const length = chance.below(chance.is(0.2) ? 200 : 3);
    const put = chance.pick([
      "",
      chance.pick(CHARACTERS),
      noise(chance, 8),
      result.slice(at, at + length).repeat(1 + chance.below(3)),
      chance.pick(YAML),
      word(chance),
    ]);
    result = result.slice(0, at) + put + result.slice(at + length);
  }
  return result;
}

function spliced(chance: Chance, left: string, right: string): string {
  return left.slice(0, chance.below(left.length + 1)) + chance.pick(["", " ", "\n", ";", "("]) +
    right.slice(chance.below(right.length + 1));
}

/** A file with a few of its lines dropped, doubled, indented, exchanged or replaced. */
function lineMutated(chance: Chance, text: string, queries: readonly string[]): string {
  const lines = text.split("\n");
  for (let edits = 1 + chance.below(4); edits > 0; edits--) {
    const at = chance.below(lines.length);
    const line = lines[at] ?? "";
    const put = [
      [],
      [line, line],
      [`${" ".repeat(chance.below(5))}${line}`],
      [line.replace(/:.*/, `: ${chance.pick(YAML)} ${chance.pick(YAML)}`)],
      [many(chance, 6, () => chance.pick(YAML)).join(" ")],
      [scribbled(chance, line)],
      [queries.length > 0 ? chance.pick(queries) : line],
    ];
    lines.splice(at, 1, ...chance.pick(put));
  }
  return lines.join("\n");
}

/** Front-matter with exceptions and templates that nobody would write. */
function frontMatter(chance: Chance, queries: readonly string[]): string {
  const sql = chance.pick(queries);
  const condition = () =>
    chance.is(0.5)
      ? soup(chance, 8)
      : mutated(chance, sql.slice(sql.indexOf("WHERE") + 5), queries);
  const exceptions = many(
    chance,
    3,
    () => `  - { id: e${chance.below(3)}, reason: r, when: ${JSON.stringify(condition())} }`,
  );
  return [
    "---",
    "id: 3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11",
    "title: A process",
    "description: That does something.",
    "status: test",
    "severity: high",
    `platforms: [${chance.pick(["linux", "macos", "windows", "linux, macos", "beos"])}]`,
    "exceptions:",
    ...exceptions,
    `alert: { title: ${JSON.stringify(`{{${soup(chance, 3)}}} {{pid}} ${noise(chance, 5)}`)} }`,
    `x-a: ${many(chance, 8, () => chance.pick(YAML)).join(" ")}`,
    "---",
    sql,
  ].join("\n");
}
