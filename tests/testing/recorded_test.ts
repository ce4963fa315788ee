import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { CATALOGUE } from "../../profiles/mod.ts";
import { parseFixture } from "../../testing/fixture.ts";
import { recordingLines } from "../../testing/record/recording_text.ts";
import { locateRecording, readRecordings } from "../../testing/recorded.ts";
import { NOW, recordingOf, rowsOf } from "./record/support.ts";

async function inFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ROWS = [
  {
    pid: 1,
    name: "systemd",
    start_time: NOW - 60_000,
    executable_deleted: false,
    cpu_usage: 0.5,
    memory_vms: 9007199254740993n,
    container_id: null,
    arguments: ["/sbin/init"],
    environment_variables: { A: "\u2028\n" },
  },
  { pid: 2, name: "kthreadd" },
];

Deno.test("readRecordings() reads what was written, packed or not, and knows what was not recorded", () =>
  inFolder((folder) => {
    const recording = recordingOf({ processes: ROWS });
    const text = new TextEncoder().encode([...recordingLines(recording)].join(""));
    for (const [name, bytes] of [["a.jsonl", text], ["a.jsonl.gz", gzipSync(text)]] as const) {
      const path = join(folder, name);
      Deno.writeFileSync(path, bytes);
      const [read, ...more] = readRecordings(path, CATALOGUE, "linux");
      assertEquals(more, []);
      assertEquals(read!.at, NOW);
      assertEquals(rowsOf(read!), rowsOf(recording));
      const [systemd, kthreadd] = read!.tables.get("processes")!.rows;
      assertEquals(systemd!.gaps.get("container_id"), undefined, "null is a value");
      assertEquals(kthreadd!.gaps.get("container_id"), "not_collected");
      assertEquals(systemd!.gaps.get("ppid"), "not_collected");
    }
  }));

Deno.test("readRecordings() gives a recording for each moment, oldest first", () =>
  inFolder((folder) => {
    const path = join(folder, "a.jsonl");
    const line = (at: unknown, pid: number) =>
      JSON.stringify({ at, table: "processes", row: { pid } });
    Deno.writeTextFileSync(
      path,
      [line(NOW + 5, 3), line("2026-01-01T00:00:00Z", 1), line(NOW, 2)].join("\n"),
    );
    const read = readRecordings(path, CATALOGUE, "linux");
    assertEquals(read.map(({ at }) => at), [NOW, NOW + 5]);
    assertEquals(rowsOf(read[0]!).map(({ pid }) => pid), [1, 2]);
  }));

Deno.test("readRecordings() reports the line of a fault", () =>
  inFolder((folder) => {
    const path = join(folder, "a.jsonl");
    const good = '{"at":0,"table":"processes","row":{"pid":1}}\n';
    for (
      const [bad, message] of [
        ["{", "line 2: not JSON"],
        ["[]", "line 2: not of the form { at, table, row }"],
        ['{"at":"soon","table":"processes","row":{}}', "line 2: not of the form"],
        ['{"at":0,"table":"processes","row":[]}', "line 2: not of the form"],
        ['{"at":0,"table":"procs","row":{}}', 'line 2: there is no table "procs"'],
        ['{"at":0,"table":"processes","row":{"pdi":1}}', 'line 2: processes has no column "pdi"'],
        ['{"at":0,"table":"processes","row":{"pid":"one"}}', "line 2: processes.pid"],
        ['{"at":0,"table":"processes","row":{"pid":1.5}}', "line 2: processes.pid"],
        ['{"at":0,"table":"processes","row":{"name":{}}}', "line 2: processes.name"],
      ] as const
    ) {
      Deno.writeTextFileSync(path, good + bad);
      assertThrows(() => readRecordings(path, CATALOGUE, "linux"), TypeError, message);
    }
  }));

Deno.test("readRecordings() refuses what is no recording, and what unpacks without end", () =>
  inFolder((folder) => {
    const path = join(folder, "a.jsonl.gz");
    Deno.writeTextFileSync(path, "not gzip");
    assertThrows(() => readRecordings(path, CATALOGUE, "linux"), TypeError, "gzip");
    Deno.writeFileSync(path, gzipSync(new Uint8Array(300 << 20), { level: 1 }));
    assertThrows(() => readRecordings(path, CATALOGUE, "linux"), RangeError, "unpacked");
    assertThrows(() => readRecordings(folder, CATALOGUE, "linux"), TypeError, "file");
    assertThrows(() => readRecordings("/dev/zero", CATALOGUE, "linux"), TypeError, "file");
  }));

Deno.test("locateRecording() does not leave the folder of fixtures", () =>
  inFolder((folder) => {
    const fixtures = join(folder, "fixtures");
    Deno.mkdirSync(join(fixtures, "hosts"), { recursive: true });
    Deno.writeTextFileSync(join(fixtures, "hosts", "a.jsonl"), "");
    Deno.writeTextFileSync(join(folder, "outside.jsonl"), "");
    Deno.symlinkSync(join(folder, "outside.jsonl"), join(fixtures, "link.jsonl"));
    Deno.symlinkSync(folder, join(fixtures, "up"));
    Deno.symlinkSync("a.jsonl", join(fixtures, "hosts", "inside.jsonl"));
    assert(locateRecording(fixtures, "hosts/a.jsonl").endsWith("/fixtures/hosts/a.jsonl"));
    assert(locateRecording(fixtures, "hosts/inside.jsonl").endsWith("/a.jsonl"));
    for (
      const name of [
        "../outside.jsonl",
        "hosts/../../outside.jsonl",
        "hosts\\..\\..\\outside.jsonl",
        "/etc/passwd",
        "C:\\x",
        "link.jsonl",
        "up/outside.jsonl",
        "hosts/none.jsonl",
        "\0",
        "",
      ]
    ) {
      if (name === "") continue;
      assertThrows(() => locateRecording(fixtures, name), RangeError);
    }
  }));

Deno.test("parseFixture() takes a table from a recording, at the time of the step", () =>
  inFolder((folder) => {
    const lines = recordingLines({ ...recordingOf({ processes: ROWS }), at: NOW - 86_400_000 });
    Deno.writeTextFileSync(
      join(folder, "host.jsonl"),
      [...lines].join("").replaceAll(String(NOW - 60_000), String(NOW - 86_460_000)),
    );
    const text = (name: string) =>
      `case: recorded\nat: 2026-01-01T00:00:00Z\ntables:\n  processes: { recorded: ${name} }\nexpect: { alerts: [] }\n`;
    const { fixture, diagnostics } = parseFixture(
      text("host.jsonl"),
      "case.yaml",
      CATALOGUE,
      folder,
    );
    assertEquals(diagnostics, []);
    const { batch, outcome } = fixture!.steps[0]!.tables.get("processes")!;
    assertEquals(outcome.status, "complete");
    assertEquals(batch.rows, 2);
    assertEquals(batch.values[batch.columns.indexOf("start_time")]![0], NOW - 60_000);
    assert(
      batch.gaps.some(({ column, reason }) => column === "ppid" && reason === "not_collected"),
    );

    const faults = (name: string, where?: string) =>
      parseFixture(text(name), "case.yaml", CATALOGUE, where).diagnostics.map(({ line, message }) =>
        `${line}: ${message}`
      );
    assertEquals(faults("../host.jsonl", folder), [
      "4: ../host.jsonl: a recording lies below the folder of fixtures, and is named from there",
    ]);
    assertEquals(faults("none.jsonl", folder).length, 1);
    assertEquals(faults("host.jsonl"), [
      "4: host.jsonl: there is no folder of fixtures to find it in",
    ]);
    Deno.writeTextFileSync(join(folder, "empty.jsonl"), "");
    assertEquals(faults("empty.jsonl", folder), [
      "4: empty.jsonl: the recording has no rows of processes",
    ]);
  }));
