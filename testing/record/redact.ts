import type { CompiledDetection } from "../../model/compiled.ts";
import type { Cell } from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";
import { basename } from "../../dialect/mod.ts";
import { isPublicHost, isSystemAccount } from "./identities.ts";
import { createPseudonyms } from "./pseudonyms.ts";
import { mapRows, type RecordedRow, type Recording } from "./recording.ts";
import { createLiterals, type Found } from "./literals.ts";
import { redactJson } from "./redact_json.ts";
import { redactText, type TextOptions } from "./redact_text.ts";

/** How a recording is redacted. */
export interface RedactOptions {
  /** The same seed gives the same names. Whoever knows it can try names. */
  readonly seed: string;
  /** The detection that the recording is for: hosts and users that its SQL names keep their names. */
  readonly compiled?: CompiledDetection;
  /** Users and hosts that are known besides those that the rows name. */
  readonly known?: { readonly users?: readonly string[]; readonly hosts?: readonly string[] };
}

/** A recording that names nobody, and how many values have another name in it. */
export interface Redacted {
  readonly recording: Recording;
  readonly replaced: number;
}

/**
 * Gives every user, host, address and secret in a recording another name, the same one wherever it stands, in text and
 * within json. First all rows are looked through for what its place gives away (`user_name`, `--password`, the variables
 * of an environment); then each of those is replaced wherever else it stands.
 */
export function redact(recording: Recording, { seed, compiled, known }: RedactOptions): Redacted {
  const names = createPseudonyms(seed);
  const mentioned = mentionedWords(compiled?.detection.sql ?? "");
  const keep = (word: string) => mentioned.has(word.toLowerCase());
  const found: Found = {
    users: new Set(known?.users?.filter((name) => !isSystemAccount(name))),
    hosts: new Set(),
    secrets: new Set(),
  };
  redactRows(recording, { names, keep, found });
  const hosts = [recording.host, ...known?.hosts ?? []].filter((name) => !isPublicHost(name));
  const programs = programNames(recording);
  const literals = createLiterals(found, { hosts, programs, keep });
  const redacted = redactRows(recording, { names, keep, found, literals });
  const host = redactText(recording.host, { column: "host" }, { names, keep, found, literals });
  return { recording: { ...redacted, host }, replaced: names.size };
}

/** Columns whose text is a hash or one of a few words: nothing in them names anyone. */
const PLAIN_COLUMN = /hash|sha1|sha256|sha512|md5|digest|checksum/;

function redactRows(recording: Recording, options: TextOptions): Recording {
  // Environments and command lines repeat each other from row to row.
  const cache = new Map<string, string>();
  const redactCell = (text: string, { name, type }: Column): string => {
    const key = `${name} ${text}`;
    let result = cache.get(key);
    if (result === undefined) {
      result = type === "json"
        ? redactJson(text, { column: name }, options)
        : redactText(text, { column: name }, options);
      cache.set(key, result);
    }
    return result;
  };
  return mapRows(recording, (rows, { spec }) => {
    const columns = new Map(
      collectedColumns(spec, recording.platform)
        .filter(({ name, type, values }) =>
          (type === "string" || type === "json") && !values && !PLAIN_COLUMN.test(name)
        )
        .map((column) => [column.name, column]),
    );
    return rows.map(({ values, gaps }): RecordedRow => ({
      gaps,
      values: new Map(
        [...values].map(([name, cell]): [string, Cell] => {
          const column = columns.get(name);
          return [name, column && typeof cell === "string" ? redactCell(cell, column) : cell];
        }),
      ),
    }));
  });
}

/** The words within the literals of a query. They stand in the repository for everyone to read. */
function mentionedWords(sql: string): ReadonlySet<string> {
  const literals = sql.match(/'(?:[^']|'')*'/g) ?? [];
  return new Set(literals.flatMap((literal) => literal.toLowerCase().match(/[a-z][\w.-]*/g) ?? []));
}

/** What programs are called: a user of the same name is one only where its place says so. */
function programNames({ tables }: Recording): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { values } of [...tables.values()].flatMap(({ rows }) => rows)) {
    const [name, path] = [values.get("name"), values.get("executable_path")];
    if (typeof name === "string") names.add(name);
    if (typeof path === "string") names.add(String(basename(path)));
  }
  return names;
}
