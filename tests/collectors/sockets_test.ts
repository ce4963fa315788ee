import { assertEquals } from "@std/assert";
import { DETAIL_COLUMNS, withSockets } from "../../collectors/sockets.ts";
import type { CollectorHandle } from "../../collectors/core/handle.ts";
import type { Collection, TableOutcome } from "../../model/collection.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import { drain } from "./support.ts";

const COMPLETE: TableOutcome = { status: "complete" };
const late = { status: "unavailable", reason: "it did not answer in time" } as const;

async function* collection(batch: RecordBatch, outcome: TableOutcome = COMPLETE): Collection {
  await Promise.resolve();
  if (batch.rows > 0) yield batch;
  return outcome;
}

const connections: RecordBatch = {
  table: "network_connections",
  columns: ["connection_id", "inode", "backlog", "receive_queue"],
  values: [["listener", "udp", "unix", "elsewhere"], [1, 2, 3, null], [null, null, null, null], [
    0,
    7,
    null,
    null,
  ]],
  rows: 4,
  gaps: [
    { column: "backlog", reason: "not_collected", rows: [0, 3] },
    { column: "receive_queue", reason: "not_collected", rows: [2] },
    { column: "unix_peer", reason: "not_collected", rows: "all" },
    { column: "pid", reason: "denied", rows: [1] },
  ],
};

const details: RecordBatch = {
  table: "socket_details",
  columns: ["inode", "backlog", "receive_queue", "unix_peer"],
  values: [[3, 1, 99], [null, 128, 5], [4, null, null], ["/run/x", null, null]],
  rows: 3,
  gaps: [],
};

const netlinker = (batch: RecordBatch, outcome?: TableOutcome) =>
  ({ collect: () => collection(batch, outcome) }) as unknown as CollectorHandle;

Deno.test("withSockets() fills what only netlink tells", async () => {
  const merged = withSockets(collection(connections), {
    netlinker: netlinker(details),
    project: DETAIL_COLUMNS,
    deadline: 1000,
  });
  const { rows, outcome } = await drain(merged);
  assertEquals(outcome, COMPLETE);
  const shown = rows.map(({ values, gaps }) => [
    values.connection_id,
    values.backlog,
    values.receive_queue,
    values.unix_peer,
    Object.keys(gaps),
  ]);
  assertEquals(shown, [
    ["listener", 128, 0, null, []],
    ["udp", null, 7, null, ["unix_peer", "pid"]],
    ["unix", null, 4, "/run/x", []],
    ["elsewhere", null, null, null, ["backlog", "unix_peer"]],
  ]);
});

Deno.test("withSockets() loses no connection when netlink tells nothing", async () => {
  const nothing = { ...details, values: [], columns: [], rows: 0 };
  const merged = withSockets(collection(connections), {
    netlinker: netlinker(nothing, late),
    project: DETAIL_COLUMNS,
    deadline: 1000,
  });
  const { rows, outcome } = await drain(merged);
  assertEquals([rows.length, outcome], [4, COMPLETE]);
  assertEquals(Object.keys(rows[0]!.gaps), ["backlog", "unix_peer"]);
});

Deno.test("withSockets() asks netlink only where something is missing", async () => {
  const asked: unknown[] = [];
  const watched = {
    collect(task: unknown) {
      asked.push(task);
      return collection(details);
    },
  } as unknown as CollectorHandle;
  const collect = async (project: readonly string[], batch: RecordBatch) => {
    const options = { netlinker: watched, project, deadline: 1000 };
    return (await drain(withSockets(collection(batch), options))).rows.length;
  };
  assertEquals(await collect(["last_activity", "pid"], connections), 4);
  assertEquals(await collect(DETAIL_COLUMNS, { ...connections, gaps: [] }), 4);
  assertEquals(asked, []);
  assertEquals(await collect(["backlog"], connections), 4);
  assertEquals(asked.length, 1);
});

Deno.test("DETAIL_COLUMNS are columns of network_connections", async () => {
  const { network_connections } = await import("../../profiles/network_connections.ts");
  const { collectedColumns } = await import("../../schema/columns.ts");
  const names = collectedColumns(network_connections, "linux").map(({ name }) => name);
  assertEquals(DETAIL_COLUMNS.filter((column) => !names.includes(column)), []);
});
