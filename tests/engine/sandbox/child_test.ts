import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "../../../std/sqlite.ts";
import { type Frame, readFrames, writeFrame } from "../../../engine/sandbox/frames.ts";
import type { Reply } from "../../../engine/sandbox/protocol.ts";

const CHILD = new URL("../../../engine/sandbox/child.ts", import.meta.url);

Deno.test("the query process needs no permission and ends with its input", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--cached-only", CHILD.pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const frames = readFrames<Reply>(child.stdout);
  const next = async (): Promise<Frame<Reply>> => {
    const { value } = await frames.next();
    assert(value, "the process answers");
    return value;
  };
  assertEquals((await next()).header, { type: "ready" });
  const writer = child.stdin.getWriter();
  const run = { type: "run", sql: "SELECT a FROM t", parameters: {}, maxRows: 5, maxResult: 100 };
  await writeFrame(writer, run);
  assertEquals((await next()).header, { type: "error", reason: "no image is loaded" });

  using db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), ('x')");
  await writeFrame(
    writer,
    { type: "load", heap: 1 << 24 },
    db.serialize() as Uint8Array<ArrayBuffer>,
  );
  assertEquals((await next()).header, { type: "loaded" });
  await writeFrame(writer, run);
  const { header, payload } = await next();
  assertEquals(header, { type: "result", columns: ["a"], big: [], truncated: false });
  assertEquals(new TextDecoder().decode(payload), `[[1],["x"]]`);

  await writer.close();
  assertEquals((await child.status).code, 0);
  assertEquals((await frames.next()).done, true);
});
