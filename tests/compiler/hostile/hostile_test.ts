import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { compileQuery } from "../../../compiler/mod.ts";
import { SourceText } from "../../../diagnostics/source.ts";
import type { SandboxOutcome } from "../../../engine/sandbox/query_process.ts";
import { openSandbox, type Sandbox, type SandboxImage } from "../../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { tableDdl } from "../../../schema/ddl.ts";
import { cpuTime } from "../support/cpu.ts";
import type { Hostile } from "./hostile.ts";
import { STATEMENTS } from "./statements.ts";

/** ms; the bombs are to go off sooner or to be stopped then. */
const TIMEOUT = 300;
/** ms for what does no harm, on a busy machine. */
const LONG_TIMEOUT = 30_000;
/** ms of processor time for one statement in the compiler. */
const PATIENCE = 1_000;

const ALL = Object.values(STATEMENTS).flat();

/** 400 processes, whose command lines are what bad regular expressions choke on, and three users. */
function host(): Uint8Array<ArrayBuffer> {
  const db = new DatabaseSync(":memory:");
  for (const spec of CATALOGUE.values()) db.exec(tableDdl(spec, "linux"));
  db.exec(`
    INSERT INTO processes (pid, name, command_line, arguments, start_time, user_id)
      WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400)
      SELECT n, 'p' || n, printf('%.*c', 40, 'a') || '!', '["a", 1]', 1700000000000 + n, n % 3 FROM c;
    INSERT INTO users (user_id, user_name) VALUES (0, 'root'), (1, 'a'), (2, 'b');
  `);
  const bytes = db.serialize();
  db.close();
  return bytes as Uint8Array<ArrayBuffer>;
}

function run(
  sandbox: Sandbox,
  image: SandboxImage,
  sql: string,
  timeout = LONG_TIMEOUT,
): Promise<SandboxOutcome> {
  const parameters = { now: 1_700_000_000_000, since: null, scan_id: 1 };
  return sandbox.run({ image, sql, parameters, timeout });
}

/** What became of a statement, in the words of an expectation. */
async function fate(
  { sql, expect }: Hostile,
  sandbox: Sandbox,
  image: SandboxImage,
): Promise<string> {
  const start = cpuTime();
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  const took = cpuTime() - start;
  if (took > PATIENCE) return `${Math.round(took)} ms in the compiler`;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const source = new SourceText("query", sql);
  for (const { message, line, column } of diagnostics) {
    const inside = column >= 1 && column <= source.line(line).length + 2;
    if (message === "" || !inside) return "a diagnostic outside of the text";
  }
  if (!query) return errors[0]?.code ?? "refused without a diagnostic";
  if (errors.length > 0) return "accepted with errors";
  const timeout = expect === "limit" ? TIMEOUT : LONG_TIMEOUT;
  const outcome = await run(sandbox, image, query.sql, timeout);
  if (outcome.status === "done") {
    return `harmless, reads ${query.tables.map(({ table }) => table).join(",")}`;
  }
  return outcome.kind === "resource" ? "limit" : "failure";
}

Deno.test("every hostile statement is refused by its own diagnostic, or stopped by its limit", async () => {
  assert(ALL.length >= 300, "statements were lost");
  assertEquals(new Set(ALL.map(({ sql }) => sql)).size, ALL.length, "statements stand twice");
  await using sandbox = await openSandbox({ policy: "preferred", size: 2, memory: 64 << 20 });
  const image = sandbox.load(host());
  const surprises = await Promise.all(
    Object.entries(STATEMENTS).flatMap(([group, statements]) =>
      statements.map(async (one) => {
        const expected = one.expect === "harmless"
          ? `harmless, reads ${one.reads ?? "processes"}`
          : one.expect;
        const became = await fate(one, sandbox, image);
        return became === expected ? [] : [`${group}: ${one.name}: ${became}, not ${expected}`];
      })
    ),
  );
  assertEquals(surprises.flat(), []);
});

Deno.test("what the compiler refuses as no part of the dialect, the sandbox refuses, too", async () => {
  const refused = ALL.filter(({ expect }) =>
    ["refused-statement", "refused-function", "not-a-select", "sql-missing"].includes(expect)
  );
  await using sandbox = await openSandbox({ policy: "preferred", size: 2, memory: 64 << 20 });
  const image = sandbox.load(host());
  const outcomes = await Promise.all(refused.map(({ sql }) => run(sandbox, image, sql)));
  const passed = refused.filter((_, index) => outcomes[index]!.status === "done");
  // VALUES alone only reads; a detection is a SELECT all the same.
  assertEquals(passed.map(({ name }) => name), ["bare values"]);
  const count = await run(sandbox, image, "SELECT count(*) FROM processes");
  assertEquals(count.status === "done" && count.rows, [[400]]);
});
