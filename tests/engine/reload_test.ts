import { assertEquals } from "@std/assert";
import { planFor } from "../../engine/reload.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { detectionOf } from "./support.ts";

const HOST = {
  catalogue: CATALOGUE,
  platform: "linux",
  collectors: { supports: () => true },
} as const;

Deno.test("planFor() asks for the events of the places that detections name", () => {
  const { reads } = planFor([
    detectionOf(
      "SELECT e.file_path FROM file_events e WHERE e.file_path LIKE '/srv/a/%' AND e.event_type = 'create'",
      "mode: events",
    ),
    detectionOf(
      "SELECT e.file_path FROM file_events e WHERE (e.directory IN ('/srv/b') OR e.owner_user = 'x') " +
        "AND NOT e.file_path = '/srv/c' AND e.event_type = 'create'",
    ),
    detectionOf("SELECT e.pid FROM process_events e WHERE e.event_type = 'exec'", "mode: events"),
  ], HOST);
  assertEquals(reads.map(({ table, interests }) => ({ table, interests })), [
    {
      table: "file_events",
      interests: [
        { op: "like", column: "file_path", pattern: "/srv/a/%" },
        { op: "=", column: "event_type", value: "create" },
        { op: "in", column: "directory", values: ["/srv/b"] },
      ],
    },
    { table: "process_events", interests: [] },
  ]);
});
