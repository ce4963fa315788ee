import { assertEquals } from "@std/assert";
import { clausesOfDetection, readDetection } from "../../../testing/coverage/clauses.ts";
import { lcov, outcomesOf, statusOf } from "../../../testing/coverage/report.ts";
import { detectionOf } from "../support.ts";

/** Coverage with the counts given for the clauses in turn. */
function coverageOf(sql: string, counts: readonly (readonly [number, number, number])[]) {
  const compiled = detectionOf(sql);
  const clauses = clausesOfDetection(compiled.detection, readDetection(compiled.detection)!);
  assertEquals(clauses.length, counts.length);
  const counted = clauses.map((clause, index) => {
    const [yes, no, unknown] = counts[index]!;
    return { ...clause, yes, no, unknown };
  });
  return { compiled, clauses: counted, problems: [] };
}

const COVERAGE = coverageOf(
  `SELECT pid FROM processes
WHERE pid = 1 AND ppid = 2
  AND (name = 'a'
    OR name = 'b' OR name = 'c')`,
  [[3, 1, 0], [2, 0, 1], [0, 2, 0], [0, 0, 3], [0, 0, 0]],
);

Deno.test("statusOf() takes only true and false together for covered; NULL is neither", () => {
  assertEquals(COVERAGE.clauses.map(statusOf), [
    "covered",
    "never false",
    "never true",
    "always NULL",
    "never evaluated",
  ]);
});

Deno.test("outcomesOf() counts two outcomes a clause and rounds down", () => {
  assertEquals(outcomesOf(COVERAGE.clauses), { seen: 4, of: 10, percent: 40 });
  assertEquals(outcomesOf([]), { seen: 0, of: 0, percent: 100 });
  const [covered, half] = COVERAGE.clauses;
  const nearly = [...new Array(200).fill(covered), half!];
  assertEquals(outcomesOf(nearly).percent, 99);
});

Deno.test("lcov() makes a block with two branches of each clause", () => {
  assertEquals(
    lcov([COVERAGE]),
    `TN:
SF:detections/test.sql
BRDA:11,0,0,3
BRDA:11,0,1,1
BRDA:11,1,0,2
BRDA:11,1,1,0
BRDA:12,2,0,0
BRDA:12,2,1,2
BRDA:13,3,0,0
BRDA:13,3,1,0
BRDA:13,4,0,-
BRDA:13,4,1,-
BRF:10
BRH:4
DA:11,4
DA:12,2
DA:13,3
LF:3
LH:3
end_of_record
`,
  );
});
