import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { gunzipSync } from "node:zlib";
import { findDetections, loadDetections } from "../compiler/files.ts";
import { detect, type DetectionRun } from "../engine/detect.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { openStore } from "../store/mod.ts";
import { loadFixtures } from "../testing/load.ts";
import { mapRows, type RecordedRow, type Recording } from "../testing/record/recording.ts";
import { storeRecording } from "../testing/record/replay.ts";
import { readRecordings } from "../testing/recorded.ts";

const folder = (name: string) => fromFileUrl(new URL(`../${name}`, import.meta.url));
const HOSTS = folder("fixtures/hosts");

const hosts = [...Deno.readDirSync(HOSTS)]
  .filter(({ name }) => name.endsWith(".jsonl.gz"))
  .map(({ name }) => ({
    name: name.replace(".jsonl.gz", ""),
    file: join(HOSTS, name),
    samples: readRecordings(join(HOSTS, name), CATALOGUE, "linux"),
  }))
  .sort((a, b) => a.name < b.name ? -1 : 1);

const shipped = (await loadDetections(await findDetections([folder("detections")]), CATALOGUE))
  .flatMap(({ compiled }) => compiled ? [compiled] : [])
  .filter(({ detection: { meta } }) =>
    meta.status === "stable" && meta.platforms.includes("linux")
  );

/** Why a recording says nothing of a detection; `undefined` where it does. */
function beyond({ detection, tables }: CompiledDetection, recording: Recording) {
  if (detection.meta.mode === "events") return "it judges events";
  const missing = tables.map(({ table }) => table).filter((table) => !recording.tables.has(table));
  return missing.length > 0 ? `no ${missing.join(", ")}` : undefined;
}

/** Judges moments of a host one after the other, as the host itself would scan by scan. */
async function judge(
  samples: readonly Recording[],
  detections: readonly CompiledDetection[],
  sandbox: Sandbox,
): Promise<readonly (readonly DetectionRun[])[]> {
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "test",
    catalogue: CATALOGUE,
  });
  const judged: (readonly DetectionRun[])[] = [];
  for (const sample of samples) {
    const manifest = await storeRecording(store, sample);
    const now = sample.at;
    const { runs } = await detect({
      store,
      manifest,
      sandbox,
      detections,
      catalogue: CATALOGUE,
      now,
    });
    judged.push(runs);
  }
  return judged;
}

/** The rows that a detection found in a moment; a failure where it could not judge nearly all of them. */
function found({ compiled, evaluation }: DetectionRun, where: string): readonly unknown[] {
  const { name } = compiled.detection;
  if (evaluation.status === "not_evaluated") {
    throw new Error(`${name} was not evaluated on ${where}: ${evaluation.why.reason}`);
  }
  const { partial, result: { columns, rows } } = evaluation;
  // Processes end while a scan looks at them, and an emulated machine does not open every program within a scan's minute.
  const { evaluated, of, reason } = partial ?? { evaluated: 1, of: 1, reason: "" };
  const slow = /^processes: executable_hash(, file_exists)? not collected$/.test(reason);
  if (slow) console.log(`${name} judged ${evaluated} of ${of} on ${where}: ${reason}`);
  assert(
    evaluated >= 0.9 * of || slow,
    `${name} judged ${evaluated} of ${of} on ${where}: ${reason}`,
  );
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));
}

Deno.test("recorded idle hosts are at least three, of at least 80 programs at every moment", () => {
  assert(hosts.length >= 3, `${hosts.length} hosts`);
  for (const { name, samples, file } of hosts) {
    assert(samples.length >= 2, `${name} was recorded once`);
    for (const { at, tables } of samples) {
      const programs = tables.get("processes")!.rows.filter(({ values }) =>
        values.get("kernel_thread") === false && values.get("state") !== "zombie"
      );
      assert(programs.length >= 80, `${name} has ${programs.length} at ${new Date(at).toJSON()}`);
    }
    assert(Deno.statSync(file).size < 300 * 1024, `${name} is large`);
  }
});

for (const { name, samples } of hosts) {
  Deno.test(`no shipped detection fires on ${name}`, async () => {
    await using sandbox = await openSandbox({ policy: "preferred" });
    const newest = samples.at(-1)!;
    const detections = shipped.filter((one) => beyond(one, newest) === undefined);
    for (const one of shipped) {
      const reason = beyond(one, newest);
      if (reason) console.log(`${one.detection.name} is not judged on ${name}: ${reason}`);
    }
    assertNotEquals(detections, []);
    for (const [index, runs] of (await judge(samples, detections, sandbox)).entries()) {
      for (const run of runs) {
        const where = `sample ${index + 1} of ${name}`;
        assertEquals(found(run, where), [], `${run.compiled.detection.name} fires on ${where}`);
      }
    }
  });
}

Deno.test("every shipped detection fires on a recorded host once what it looks for is added", async () => {
  await using sandbox = await openSandbox({ policy: "preferred" });
  for (const { name, samples } of hosts) {
    const quiet = samples.at(-1)!;
    for (const compiled of shipped.filter((one) => beyond(one, quiet) === undefined)) {
      const attack = await firingRows(compiled);
      const [runs] = await judge([withRows(quiet, attack)], [compiled], sandbox);
      const where = `${name} under attack`;
      assertNotEquals(found(runs![0]!, where), [], `${compiled.detection.name} misses ${where}`);
    }
  }
});

/** The processes of the first fixture in which a detection fires. */
async function firingRows({ detection }: CompiledDetection): Promise<readonly RecordedRow[]> {
  const steps = (await loadFixtures(detection, CATALOGUE)).flatMap(({ fixture }) =>
    fixture?.steps.slice(0, 1) ?? []
  );
  const firing = steps.find(({ expect }) => (expect.alerts?.length ?? 0) > 0);
  assert(firing, `${detection.name} has no case that fires at once`);
  return rowsOf(firing.tables.get("processes")!.batch);
}

function rowsOf({ columns, values, rows, gaps }: RecordBatch): RecordedRow[] {
  assertEquals(gaps, []);
  return Array.from({ length: rows }, (_, row) => ({
    values: new Map(columns.map((column, at) => [column, values[at]![row]!])),
    gaps: new Map(),
  }));
}

/** The recording with more processes, which take the place of those with their ids. */
function withRows(recording: Recording, more: readonly RecordedRow[]): Recording {
  const taken = new Set(more.map(({ values }) => values.get("pid")));
  return mapRows(
    recording,
    (rows) => [...rows.filter(({ values }) => !taken.has(values.get("pid"))), ...more],
  );
}

/** People, their passwords and the hosts' own names, as the scripts beside the recordings have them. */
const PLANTED = /\b(maria|jonas|lena|tom|nora|correct-horse[\w-]*)\b|debian-1\d-[a-z]+/i;
/** The recorder itself, and where a developer of this toolkit would keep it. */
const RECORDER = /daemoneye|\/deno\b/i;

Deno.test("recorded idle hosts name nobody, and do not show who recorded them", () => {
  for (const { name, file } of hosts) {
    const text = new TextDecoder().decode(gunzipSync(Deno.readFileSync(file)));
    for (const [index, line] of text.trimEnd().split("\n").entries()) {
      for (const pattern of [PLANTED, RECORDER]) {
        const [leak] = pattern.exec(line) ?? [];
        assertEquals(leak, undefined, `line ${index + 1} of ${name}`);
      }
    }
  }
});
