import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { PROFILES } from "../../profiles/mod.ts";
import { columnsOf } from "../../schema/columns.ts";
import { quoteIdentifier, tableDdl } from "../../schema/ddl.ts";
import { PLATFORMS, type TableSpec } from "../../schema/types.ts";
import { TABLE } from "./table.ts";

Deno.test("tableDdl() declares each column so that values keep their class", () => {
  assertEquals(
    tableDdl(TABLE, "windows"),
    `CREATE TABLE "things" (
  "pid" INTEGER,
  "name" TEXT,
  "state" TEXT,
  "size" INTEGER,
  "share" REAL,
  "active" INTEGER,
  "seen" INTEGER,
  "tags" TEXT,
  "score" INTEGER,
  "process_key" TEXT,
  "scan_id" INTEGER,
  "collection_time" INTEGER,
  "host" TEXT,
  "platform_data" TEXT
)`,
  );
});

Deno.test("tableDdl() makes a table of every profile on every platform", () => {
  for (const platform of PLATFORMS) {
    using db = new DatabaseSync(":memory:");
    for (const spec of PROFILES as readonly TableSpec[]) {
      db.exec(tableDdl(spec, platform));
      const rows = db.prepare("SELECT name FROM pragma_table_info(?)").all(spec.name);
      assertEquals(
        rows.map((row) => row["name"]),
        columnsOf(spec, platform).map(({ name }) => name),
      );
    }
  }
});

Deno.test("quoteIdentifier() doubles quotes", () => {
  assertEquals(quoteIdentifier('a"b'), '"a""b"');
});
