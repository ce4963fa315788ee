import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { registerFunctions } from "../../dialect/mod.ts";
import { realText } from "../../dialect/text.ts";

function open(): {
  value(sql: string, ...params: (null | number | bigint | string | Uint8Array)[]): unknown;
  errors: string[];
} {
  const db = new DatabaseSync(":memory:");
  const errors: string[] = [];
  registerFunctions(db, { onError: (message) => errors.push(message) });
  return { value: (sql, ...params) => db.prepare(`SELECT ${sql} AS v`).get(...params)?.v, errors };
}

Deno.test("registerFunctions() gives SQL the dialect's functions", () => {
  const { value, errors } = open();
  assertEquals(value("'/usr/bin/nc -e' REGEXP '\\bnc\\b'"), 1);
  assertEquals(value("'abc' NOT REGEXP '^b'"), 1);
  assertEquals(value("contains('ABC', 'b')"), 1);
  assertEquals(value("starts_with('ABC', 'b')"), 0);
  assertEquals(value("ends_with('ABC', 'bc')"), 1);
  assertEquals(value("in_cidr('10.0.0.1', '10.0.0.0/8')"), 1);
  assertEquals(value("address_class('::1')"), "loopback");
  assertEquals(value("entropy('abcd')"), 2);
  assertEquals(value("from_base64('aGk')"), "hi");
  assertEquals(value("basename('/a/b')"), "b");
  assertEquals(value("dirname('/a/b')"), "/a");
  assertEquals(value("typeof(contains('a', 'a')) || typeof(entropy('a'))"), "integerreal");
  assertEquals(errors, []);
});

Deno.test("registerFunctions() gives NULL for NULL", () => {
  const { value } = open();
  for (const name of ["regexp", "contains", "starts_with", "ends_with", "in_cidr"]) {
    assertEquals(value(`${name}(NULL, 'a')`), null, name);
    assertEquals(value(`${name}('a', NULL)`), null, name);
  }
  for (const name of ["address_class", "entropy", "from_base64", "basename", "dirname"]) {
    assertEquals(value(`${name}(NULL)`), null, name);
  }
});

Deno.test("registerFunctions() reports a bad pattern and goes on", () => {
  const { value, errors } = open();
  assertEquals(value("'a' REGEXP '('"), null);
  assertEquals(errors.length, 1);
  assert(errors[0]!.includes("missing closing )"), errors[0]);
  assertEquals(value("'a' REGEXP 'a'"), 1);
});

Deno.test("registerFunctions() never throws, whatever the arguments", () => {
  const { value, errors } = open();
  const anything = fc.oneof(
    fc.constant(null),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true }),
    fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
    fc.uint8Array(),
  );
  const names = ["contains", "starts_with", "ends_with", "in_cidr", "regexp"];
  const single = ["address_class", "entropy", "from_base64", "basename", "dirname"];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.constantFrom(...single),
      anything,
      anything,
      (two, one, a, b) => {
        value(`${two}(?, ?)`, a, b);
        value(`${one}(?)`, a);
      },
    ),
    { numRuns: 3_000 },
  );
  assert(
    errors.every((message) => message.startsWith("bad regular expression")),
    errors.join("\n"),
  );
});

Deno.test("realText() writes reals as SQLite does", () => {
  const db = new DatabaseSync(":memory:");
  const cast = db.prepare("SELECT CAST(? + 0.0 AS TEXT) AS v");
  // Shorter than 16 digits, as written numbers are: the last of 17 digits is not SQLite's strong point.
  const real = fc.oneof(
    fc.tuple(fc.integer(), fc.integer({ min: -30, max: 6 })).map(([digits, power]) =>
      Number(`${digits}e${power}`)
    ),
    fc.integer().map((number) => number / 1000),
    fc.constantFrom(1e15, 1e16, 1e17, 1e18, 1e-4, 1e-5, 0.1, -0.5, 100, 0, -0, 1e300, Infinity),
  );
  fc.assert(
    fc.property(real, (number) => {
      assertEquals(realText(number), cast.get(number)?.v, String(number));
    }),
    { numRuns: 20_000, seed: 4 },
  );
});
