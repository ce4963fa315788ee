/**
 * Keywords of SQLite's grammar. Those in {@linkcode FALLBACK} are ordinary names wherever the grammar has no other use
 * for them (`%fallback ID …` in SQLite's `parse.y`); the rest must be quoted to be a name.
 */
const RESERVED = words(`
  ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN
  INDEX INDEXED INSERT INTERSECT INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES
  RETURNING SELECT SET TABLE THEN TO TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE`);

/** Keywords that stand before JOIN. They are names of columns and functions, and aliases after AS. */
export const JOIN_WORDS: ReadonlySet<string> = words("CROSS FULL INNER LEFT NATURAL OUTER RIGHT");

/** Keywords that are names wherever the grammar does not want the keyword. */
const FALLBACK = words(`
  ABORT ACTION AFTER ALWAYS ANALYZE ASC ATTACH BEFORE BEGIN BY CASCADE CAST COLUMN CONFLICT CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFERRED
  DESC DETACH DO EACH END EXCLUDE EXCLUSIVE EXPLAIN FAIL FILTER FIRST FOLLOWING FOR GENERATED GLOB GROUPS IF IGNORE
  IMMEDIATE INITIALLY INSTEAD KEY LAST LIKE MATCH MATERIALIZED NO NULLS OF OFFSET OTHERS OVER PARTITION PLAN PRAGMA
  PRECEDING QUERY RAISE RANGE RECURSIVE REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT ROLLBACK ROW ROWS SAVEPOINT TEMP
  TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WINDOW WITH WITHOUT`);

const KEYWORDS: ReadonlySet<string> = new Set([...RESERVED, ...JOIN_WORDS, ...FALLBACK]);

/** The keywords as nearly everybody writes them: in capitals, or in small letters. */
const SPELT: ReadonlyMap<string, string> = new Map(
  [...KEYWORDS].flatMap((word) => [[word, word], [word.toLowerCase(), word]]),
);
const LONGEST = Math.max(...[...KEYWORDS].map((word) => word.length));

/** The keyword that an unquoted word spells, in upper case, else `undefined`. */
export function keywordOf(word: string): string | undefined {
  const spelt = SPELT.get(word);
  if (spelt !== undefined || !/[A-Z]/.test(word)) return spelt;
  // Other letters have ASCII ones for capitals, too (`ı` is a small `I`), but SQLite's keywords are ASCII.
  if (word.length > LONGEST || word.length < 2 || !/^[A-Za-z_]+$/.test(word)) return undefined;
  const upper = word.toUpperCase();
  return KEYWORDS.has(upper) ? upper : undefined;
}

/** Whether a keyword may be used as a name where the grammar has no other use for it. */
export function isFallback(keyword: string): boolean {
  return FALLBACK.has(keyword);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
