import { assertEquals } from "@std/assert";
import { type CollectorHandle, createHandle } from "../../collectors/core/handle.ts";
import { withExecutables } from "../../collectors/executables.ts";
import { beginDigest, digest } from "../../collectors/hasher/digest.ts";
import { hasher } from "../../collectors/hasher/mod.ts";
import { executable_files, file_hashes } from "../../collectors/hasher/tables.ts";
import type { Collection, CollectionTask, TableOutcome } from "../../model/collection.ts";
import type { GapReason, RecordBatch } from "../../schema/batch.ts";
import {
  drain,
  encodeHex,
  isLinux,
  linkOf,
  memoryCache,
  run,
  testWith,
  toRows,
  until,
} from "./support.ts";

const COMPLETE: TableOutcome = { status: "complete" };

/** A process that ran a program, as it is told when it happens. */
const ran: RecordBatch = {
  table: "process_events",
  columns: ["process_key", "executable_path"],
  values: [["boot:5:1"], ["/bin/x"]],
  rows: 1,
  gaps: [],
};

async function* batches(...all: readonly RecordBatch[]): Collection {
  for (const batch of all) yield await Promise.resolve(batch);
  return COMPLETE;
}

/** A hasher whose answers about the one file come one after the other: its hash, or why there is none. */
function hasherThat(...answers: readonly (string | { readonly missing: GapReason })[]) {
  const asked: CollectionTask[] = [];
  const left = [...answers];
  const handle = {
    async *collect(task: CollectionTask): Collection {
      await Promise.resolve();
      asked.push(task);
      const of = (columns: string[], row: RecordBatch["values"][number]) => ({
        table: task.table,
        columns,
        values: row.map((cell) => [cell]),
        rows: 1,
        gaps: [],
      });
      if (task.table === "executable_files") {
        const columns = ["process_key", "identity", "cacheable", "file_exists"];
        yield of(columns, ["boot:5:1", "file", true, true]);
        return COMPLETE;
      }
      const answer = left.shift()!;
      if (typeof answer === "string") yield of(["identity", "hash"], ["file", answer]);
      else {
        const gaps = [{ column: "hash", reason: answer.missing, rows: [0] }];
        yield { ...of(["identity", "hash"], ["file", null]), gaps };
      }
      return COMPLETE;
    },
  } as unknown as CollectorHandle;
  const hashes = () => asked.filter(({ table }) => table === "file_hashes").length;
  return { handle, hashes };
}

/** What is told of the hash of a file that runs in so many batches. */
async function watch(handle: CollectorHandle, times: number, cache = memoryCache()) {
  const stream = withExecutables(batches(...new Array(times).fill(ran)), {
    hasher: handle,
    cache,
    hashes: true,
  });
  const { rows } = await drain(stream);
  return rows.map(({ values, gaps }) => gaps.executable_hash ?? values.executable_hash);
}

Deno.test("withExecutables() asks again about what could not be hashed before", async () => {
  const { handle, hashes } = hasherThat(
    { missing: "deadline" },
    { missing: "not_collected" },
    "ab",
  );
  const cache = memoryCache();
  assertEquals(await watch(handle, 4, cache), ["deadline", "not_collected", "ab", "ab"]);
  assertEquals(hashes(), 3);
  assertEquals([...cache.entries], [["file", "ab"]]);
});

Deno.test("withExecutables() asks once about a file that is too big", async () => {
  const { handle, hashes } = hasherThat({ missing: "budget" });
  assertEquals([await watch(handle, 3), hashes()], [["budget", "budget", "budget"], 1]);
});

Deno.test("withExecutables() passes what happens on, whatever the hasher does", async () => {
  const never = Promise.withResolvers<void>();
  let returned = false;
  const handle = {
    async *collect(): Collection {
      try {
        await never.promise;
        return yield* batches();
      } finally {
        returned = true;
      }
    },
  } as unknown as CollectorHandle;
  assertEquals(await watch(handle, 1), ["deadline"]);
  assertEquals(returned, false);
  never.resolve();
});

Deno.test("withExecutables() takes what the hasher has told before the time is up", async () => {
  const { handle } = hasherThat("ab");
  const never = Promise.withResolvers<TableOutcome>();
  const hangs = {
    async *collect(task: CollectionTask): Collection {
      for await (const batch of handle.collect(task)) yield batch;
      return task.table === "file_hashes" ? await never.promise : COMPLETE;
    },
  } as unknown as CollectorHandle;
  assertEquals(await watch(hangs, 1), ["ab"]);
  never.resolve(COMPLETE);
});

Deno.test("digest() goes on where it was left", async () => {
  const bytes = new Uint8Array(1000).map((_, index) => index);
  let reads = 0;
  let deadline = 0;
  const read = (_: number, into: Uint8Array, at: number) => {
    while (performance.now() < deadline) { /* The time is up after each read. */ }
    reads++;
    const some = bytes.subarray(at, at + into.length);
    into.set(some);
    return some.length;
  };
  const progress = beginDigest();
  let told: string | undefined;
  while (told === undefined) {
    deadline = performance.now() + 5;
    told = digest(0, deadline, read, 400, progress);
  }
  assertEquals(told, encodeHex(await crypto.subtle.digest("SHA-256", bytes)));
  assertEquals(reads, 4);
});

testWith({ Linux: isLinux }, "the hasher holds what others have found meanwhile", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const handle = createHandle({
    collector: hasher,
    specs: [executable_files, file_hashes],
    platform: "linux",
    policy: "off",
  });
  const ask = async (table: string, column: string, value: unknown) => {
    const keys = { column, values: [String(value)] };
    const rows = [];
    for await (const batch of handle.collect({ table, project: [], keys, deadline: 60_000 })) {
      rows.push(...toRows(batch));
    }
    return rows[0]!.values;
  };
  const find = async (path: string) => {
    await Deno.copyFile("/bin/sleep", path);
    await Deno.chmod(path, 0o755);
    await using child = run(path, ["60"]);
    await until("it runs", () => linkOf(`/proc/${child.pid}/exe`) === path);
    const stat = await Deno.readTextFile(`/proc/${child.pid}/stat`);
    const starttime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return await ask("executable_files", "process_key", `boot:${child.pid}:${starttime}`);
  };
  try {
    const { identity } = await find(`${folder}/one`);
    await Deno.remove(`${folder}/one`);
    for (let other = 0; other < 3; other++) await find(`${folder}/other${other}`);
    const { hash } = await ask("file_hashes", "identity", identity);
    const bytes = await Deno.readFile("/bin/sleep");
    assertEquals(hash, encodeHex(await crypto.subtle.digest("SHA-256", bytes)));
    // Not for ever: that would keep the disk full of what was deleted.
    for (let other = 0; other < 8; other++) await find(`${folder}/other${other}`);
    assertEquals((await ask("file_hashes", "identity", identity)).hash, null);
  } finally {
    await handle.close();
    await Deno.remove(folder, { recursive: true });
  }
});
