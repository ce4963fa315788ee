import { PARAMETERS } from "../model/compiled.ts";
import type { TableSpec } from "../schema/types.ts";
import type { Fault } from "./binding/mod.ts";
import { type Token, unquote } from "./lexer.ts";

const DATE_FUNCTIONS = /^(?:date|time|datetime|julianday|unixepoch|strftime|timediff)$/i;

/**
 * The most that SQL may come to that only SQLite reads. A SELECT may copy what it is made from, and that in turn, once
 * for each of its tokens.
 */
const MAX_COPIES = 1e7;

/** Whether SQLite could make so much of some SQL, whatever it means, that it must not be asked. */
export function mayExplode(tokens: readonly Token[]): boolean {
  const selects = tokens.filter(({ keyword }) => keyword === "SELECT" || keyword === "VALUES");
  return tokens.length ** selects.length > MAX_COPIES;
}

/**
 * What can be said of SQL that SQLite accepts and the parser does not know, by its tokens alone. What could break a
 * promise of the dialect unseen is refused: the clock, parameters without a value, columns that SQLite does not report.
 */
export function unanalysedFaults(
  tokens: readonly Token[],
  stopped: Fault,
  tables: readonly TableSpec[],
): Fault[] {
  const keyed = tables.find(({ requires }) => requires);
  if (keyed) {
    return [{ ...stopped, message: `${stopped.message}, and \`${keyed.name}\` needs a key` }];
  }
  const faults: Fault[] = tokens.flatMap((token): Fault[] => {
    const span = { start: token.start, end: token.end };
    if (token.kind === "parameter" && !PARAMETERS.some((name) => token.text === `:${name}`)) {
      return [{
        code: "unknown-parameter",
        span,
        message: `there is no parameter \`${token.text}\``,
      }];
    }
    const name = token.kind === "name" ? unquote(token) : token.text;
    if (DATE_FUNCTIONS.test(name) || /^current_/i.test(name)) {
      return [{
        code: "wall-clock",
        span,
        message: `\`${token.text}\` may read the wall clock here`,
      }];
    }
    return token.keyword === "USING" || token.keyword === "NATURAL" ? [stopped] : [];
  });
  if (faults.length > 0) return faults;
  const message = `SQLite accepts this, but it is not analysed further: ${stopped.message}`;
  return [{ code: "not-analysed", span: stopped.span, message }];
}
