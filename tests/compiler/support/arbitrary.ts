import fc from "fast-check";

/** Text of constant expressions, as few parentheses in them as the generator pleases. */
export function constantExpressions(): fc.Arbitrary<string> {
  const atom = fc.constantFrom(
    ..."0,1,2,3.5,-1,NULL,'a','1','abc','a%',TRUE,x'61','',10,1e1,9223372036854775808,0x1F,1_000"
      .split(","),
  );
  const infix = fc.constantFrom(
    ...("OR,AND,=,==,<>,!=,IS,IS NOT,IS DISTINCT FROM,IS NOT DISTINCT FROM,<,<=,>,>=,&,|,<<,>>,+,-,*,/,%,||," +
      "LIKE,NOT LIKE,GLOB,NOT GLOB").split(","),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const inner = tie("expression");
    const join = (...parts: (fc.Arbitrary<string> | string)[]) =>
      fc.tuple(...parts.map((part) => typeof part === "string" ? fc.constant(part) : part))
        .map((all) => all.join(" "));
    const not = fc.constantFrom("", "NOT");
    return {
      expression: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 4, arbitrary: atom },
        { weight: 8, arbitrary: join(inner, infix, inner) },
        { weight: 2, arbitrary: join(fc.constantFrom("NOT", "-", "+", "~"), inner) },
        join(inner, fc.constantFrom("ISNULL", "NOTNULL", "NOT NULL", "IS NULL", "IS NOT NULL")),
        join(inner, not, "BETWEEN", inner, "AND", inner),
        join(inner, not, "IN (", inner, ",", inner, ")"),
        join(inner, "COLLATE NOCASE"),
        join(inner, "LIKE", inner, "ESCAPE 'x'"),
        join("(", inner, ")"),
        join("CASE WHEN", inner, "THEN", inner, "ELSE", inner, "END"),
        join("CAST(", inner, "AS", fc.constantFrom("INTEGER", "TEXT", "REAL"), ")"),
      ),
    };
  });
  return expression;
}

/** Statements that use every part of the grammar, over tables t(a, b, c) and u(a, d). */
export const STATEMENTS: readonly string[] = [
  "SELECT a, b AS x FROM t WHERE a = 1 ORDER BY b DESC NULLS LAST LIMIT 1 OFFSET 2",
  "WITH c(x) AS MATERIALIZED (SELECT a FROM t) SELECT x FROM c LEFT JOIN u ON c.x = u.a",
  "SELECT count(*) FILTER (WHERE a > 1) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES)",
  "SELECT a FROM t NATURAL JOIN u UNION ALL SELECT a FROM u EXCEPT VALUES (1), (2)",
  "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, CAST(a AS VARCHAR(10)), (1, 2) = (3, 4), EXISTS (SELECT 1) FROM t, u AS v CROSS JOIN (t JOIN u USING (a))",
  "SELECT group_concat(DISTINCT b ORDER BY a), json_extract(b, '$.x') -> 'a' ->> 'b' FROM t GROUP BY 1 HAVING count(*) > 1",
  "SELECT a IN (SELECT a FROM u), a NOT IN t, b LIKE 'a' ESCAPE '\\', x'ab', :p, ?1, t.a, main.t.a FROM t, json_each(b) AS j",
  "SELECT sum(a) OVER (ORDER BY a RANGE CURRENT ROW), lag(a, 1) OVER (PARTITION BY b) FROM t AS left",
  'WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r LIMIT 5) SELECT n, [a], `b`, "c" FROM r, t RIGHT JOIN u ON u.a = n FULL OUTER JOIN t AS z ON z.a ISNULL',
];

const KEYWORDS =
  ("ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE " +
    "CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP " +
    "DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE " +
    "EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE " +
    "IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED " +
    "NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY " +
    "QUERY RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS " +
    "SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM " +
    "VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT WITHIN").split(" ");

/** Words and signs to put anywhere into a statement. */
export function soup(): fc.Arbitrary<string> {
  return fc.constantFrom(...KEYWORDS, ..."( ) , * = a t 1 's' . \"q\" [b] ; - ||".split(" "));
}
