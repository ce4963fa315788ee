import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { lex } from "../../compiler/lexer.ts";
import { compileQuery } from "../../compiler/mod.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { probeOf } from "../../testing/probe.ts";
import { fill, plainDatabase, rowsOf, type Value } from "../compiler/fuzz/host.ts";
import { KEYED, MONITORED, QueryMaker } from "../compiler/support/queries.ts";
import { Chance } from "../compiler/support/random.ts";

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 500);
const text = (row: readonly Value[]) =>
  JSON.stringify(row, (_key, value) => typeof value === "bigint" ? `${value}n` : value);

const tally = { probes: 0, rows: 0 };

Deno.test("probeOf() finds the rows of the query where all its conditions hold", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const chance = new Chance(seed);
      const sql = new QueryMaker(chance).statement();
      const { query } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
      const probe = query && probeOf(sql);
      if (!probe) return;
      const db = plainDatabase();
      fill(db, chance, [...MONITORED, ...KEYED]);
      try {
        const plain = rowsOf(db, query.sql);
        const probed = rowsOf(db, probe.sql, 20_000);
        if (!plain || !probed) {
          // SQLite fails a probe only where it fails the query, too: on what the rows are.
          if (plain) db.prepare(probe.sql);
          return;
        }
        tally.probes++;
        tally.rows += plain.length;
        const width = query.columns.length;
        const holding = probed.filter((row) => {
          let place = width;
          return probe.conditions.every(({ reads }) => {
            const truth = row[place];
            place += 1 + reads.length;
            return truth === 1n;
          });
        }).map((row) => row.slice(0, width));
        const { body, limit } = parseStatement(lex(sql).tokens);
        assert(body.type === "select");
        const found = new Set(holding.map(text));
        assert(plain.every((row) => found.has(text(row))), `${sql}\n\n${probe.sql}`);
        const joins = body.from!.joins.filter(({ kind }) => kind !== "left").length;
        const marked = probe.conditions.filter(({ kind }) => kind === "join").length;
        if (joins > marked || limit) return;
        const expected = new Set(plain.map(text));
        assertEquals(found, expected, `${sql}\n\n${probe.sql}`);
      } finally {
        db.close();
      }
    }),
    { numRuns: RUNS },
  );
  assert(tally.probes > RUNS * 0.2 && tally.rows > 0, JSON.stringify(tally));
});
