import { assertEquals } from "@std/assert";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { parseFixture } from "../../../testing/fixture.ts";
import { cpuTime } from "../support/cpu.ts";

/** ms of processor time for one file. */
const PATIENCE = 1_000;

const rows = (row: string) => `case: a\ntables: { processes: [${row}] }\nexpect: { alerts: [] }`;

/** Hostile fixtures, each with the code of its first diagnostic. */
const FIXTURES: readonly (readonly [name: string, text: string, code: string])[] = [
  ["nothing", "", "fixture-value"],
  ["a NUL", "\0", "fixture-value"],
  ["open lists", `case: ${"[".repeat(20_000)}`, "fixture-syntax"],
  ["deep lists", rows(`{ arguments: ${"[".repeat(5_000)}${"]".repeat(5_000)} }`), "fixture-syntax"],
  ["billion laughs", rows(`{ arguments: &a [1, 1] }, { arguments: [*a, *a] }`), "fixture-syntax"],
  ["alias without an anchor", rows("{ arguments: *nothing }"), "fixture-syntax"],
  [
    "keys within keys",
    rows(`{ arguments: {${"? {".repeat(50)}${"}".repeat(50)}} }`),
    "fixture-syntax",
  ],
  ["same key twice", rows("{ pid: 1, pid: 2 }"), "fixture-syntax"],
  ["tag of JavaScript", "case: !!js/function 'x'\nexpect: {}", "fixture-syntax"],
  ["two documents", `${rows("")}\n---\n${rows("")}`, "fixture-syntax"],
  ["prototype", `__proto__: 1\n${rows("")}`, "fixture-value"],
  ["more than 64 bits", rows("{ pid: 9999999999999999999 }"), "fixture-value"],
  ["a number that is none", rows("{ cpu_usage: .nan }"), "fixture-value"],
  ["a time beyond all times", `at: 99999999999999999\n${rows("")}`, "fixture-value"],
  ["an age beyond all times", rows("{ start_time: -999999999d }"), "fixture-value"],
  [
    "repetition beyond all times",
    `${rows("")}\nrepeat: { count: 10000, every: 999999999d }`,
    "fixture-value",
  ],
  [
    "nine million steps",
    `case: a\nsteps:\n${
      "  - { tables: {}, expect: {}, repeat: { count: 10000, every: 1s } }\n".repeat(900)
    }`,
    "fixture-value",
  ],
  [
    "5,000 unknown columns",
    rows(`{ ${Array.from({ length: 5_000 }, (_, index) => `kolumn${index}: 1`).join(", ")} }`),
    "fixture-value",
  ],
];

Deno.test("every hostile fixture is refused by its own diagnostic", () => {
  const surprises = FIXTURES.flatMap(([name, text, code]) => {
    const start = cpuTime();
    const { fixture, diagnostics } = parseFixture(text, "fixture.yaml", CATALOGUE);
    const took = cpuTime() - start;
    const became = took > PATIENCE
      ? `${Math.round(took)} ms`
      : fixture
      ? "accepted"
      : diagnostics[0]?.code;
    return became === code ? [] : [`${name}: ${became}, not ${code}`];
  });
  assertEquals(surprises, []);
});
