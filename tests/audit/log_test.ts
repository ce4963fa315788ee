import { assert, assertEquals, assertMatch } from "@std/assert";
import { basename, fromFileUrl } from "@std/path";
import { verifyAudit } from "../../audit/mod.ts";
import { SEED } from "../seed.ts";
import { openLog, temporaryLog, writeEntries } from "./support.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 8);

Deno.test("openAuditLog() takes away a line that a crash has torn, and says so in the log", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 3);
  const begun = '{"seq":4,"time":17';
  await Deno.writeTextFile(log.path, begun, { append: true });
  const torn = await verifyAudit(log.path);
  assertEquals([torn.faults, torn.entries], [[], 3]);
  assertMatch(torn.notes[0]!.message, /the last line is not whole/);
  const problems: string[] = [];
  await (await openLog(log.path, problems)).close();
  const { faults, notes, entries } = await verifyAudit(log.path);
  assertEquals([faults, problems, entries], [[], [], 4]);
  assertMatch(notes[0]!.message, /a crash had torn a line/);
  const last = (await Deno.readTextFile(log.path)).trimEnd().split("\n").at(-1)!;
  assertEquals(JSON.parse(last).data, { bytes: begun.length, torn: begun });
});

Deno.test("openAuditLog() goes on after an anchor that a crash left behind", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 3);
  const head = await Deno.readTextFile(`${log.path}.head`);
  await writeEntries(log.path, 1);
  await Deno.writeTextFile(`${log.path}.head`, head);
  assertMatch((await verifyAudit(log.path)).notes[0]!.message, /the anchor is 1 behind/);
  await writeEntries(log.path, 1);
  const { faults, notes, last } = await verifyAudit(log.path);
  assertEquals([faults, notes, last?.seq], [[], [], 5]);
});

Deno.test("AuditLog.append() writes entries in the order in which they come", async () => {
  await using folder = await temporaryLog();
  const log = await openLog(folder.path);
  const writing = Promise.all(
    Array.from({ length: 2_500 }, (_, at) => log.append("alert", { at })),
  );
  assertEquals(log.unwritten(), { waiting: 0, lost: 0 }, "what is just being written");
  await writing;
  await log.close();
  const lines = (await Deno.readTextFile(folder.path)).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line).data.at), [...lines.keys()]);
  assertEquals((await verifyAudit(folder.path)).faults, []);
});

Deno.test(
  "AuditLog.append() tells of a disk that takes nothing, keeps what it can, and counts the rest",
  {
    ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  },
  async () => {
    await using folder = await temporaryLog();
    const mount = async (...args: string[]) => {
      const { success } = await new Deno.Command("sh", { args: ["-c", ...args] }).output();
      assert(success, args.join(" "));
    };
    const small = `${folder.folder}/small`;
    await Deno.mkdir(small);
    await mount(`mount -t tmpfs -o size=64k tmpfs ${small}`);
    try {
      const path = `${small}/log.jsonl`;
      const problems: string[] = [];
      const log = await openLog(path, problems);
      await Deno.writeFile(`${small}/ballast`, new Uint8Array(40 * 1024));
      for (let at = 0; at < 1_100; at++) await log.append("alert", { at, text: "x".repeat(200) });
      assertEquals(problems.length, 1);
      assertMatch(problems[0]!, /the audit log cannot be written: .*space/i);
      const { waiting, lost } = log.unwritten();
      assert(waiting === 1_000 && lost > 0);
      await mount(`mount -o remount,size=4m ${small}`);
      // The first one finds that the disk takes entries again; what comes while that is written is lost, too.
      await Promise.all(Array.from({ length: 4 }, () => log.append("stop", {})));
      assertEquals(log.unwritten(), { waiting: 0, lost: 0 });
      await log.close();
      const { faults, notes } = await verifyAudit(path);
      assertEquals(faults, []);
      assertEquals(notes.map(({ message }) => message), [
        `${lost + 1} entries are lost: the disk took none`,
        "3 entries are lost: the disk took none",
      ]);
    } finally {
      await mount(`umount ${small}`);
    }
  },
);

/** Runs a writer until it has said so much, and kills it; the hashes that it has said. */
async function killed(path: string, most: number, ...more: readonly string[]): Promise<string[]> {
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", fromFileUrl(new URL("writer.ts", import.meta.url)), path, ...more],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const chunk of writer.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > most) break;
  }
  writer.kill("SIGKILL");
  await writer.status;
  return text.split("\n").slice(0, -1).filter((line) => line !== "ready");
}

Deno.test("a log whose writer is killed while files become full and are removed is whole", async () => {
  await using log = await temporaryLog();
  let seed = SEED;
  for (let kill = 0; kill < KILLS; kill++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const known = await killed(log.path, 200 + seed % 8_000, "1500", "2");
    const { faults, files } = await verifyAudit(log.path, known.at(-1));
    assertEquals(faults, []);
    // Between the entry that tells of it and the deed one more file is there.
    assert(files.length <= 5, `${files}`);
  }
});

Deno.test("openAuditLog() says in each file which one it continues, and what was removed", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 60, { maxSize: 2_000, keep: 2 });
  const { files, faults } = await verifyAudit(log.path);
  assertEquals([files.length, faults], [3, []]);
  const entries = await Promise.all(
    files.map(async (file) =>
      (await Deno.readTextFile(file)).trimEnd().split("\n").map((line) => JSON.parse(line))
    ),
  );
  for (const [at, [first, second]] of entries.entries()) {
    assertEquals(first.kind, "continued");
    assertEquals(second.kind, "removed");
    assertMatch(second.data.hash, /^[0-9a-f]{64}$/);
    if (at === 0) continue;
    const before = entries[at - 1]!.at(-1);
    assertEquals(first.data, {
      file: basename(files[at - 1]!),
      seq: before.seq,
      hash: before.hash,
    });
  }
  assertEquals(entries[2]![1].data.files, [first(entries[0]!).data.file]);
  assertEquals(entries[2]![1].data.hash, first(entries[0]!).data.hash);

  function first(lines: readonly { readonly data: Record<string, unknown> }[]) {
    return lines[0]!;
  }
});

Deno.test("AuditLog.append() writes an entry that no file has room for, and removes no more than others do", async () => {
  await using log = await temporaryLog();
  const options = { maxSize: 2_000, keep: 3 };
  await writeEntries(log.path, 30, options);
  const writer = await openLog(log.path, [], options);
  await writer.append("detections", { long: "x".repeat(5_000) });
  await writer.append("alert", { id: "after" });
  await writer.close();
  const { faults, entries, files } = await verifyAudit(log.path);
  assertEquals([faults, files.length], [[], 4]);
  assert(entries > 10, `${entries} entries`);
});

Deno.test("openAuditLog() begins the next file where a crash has come between", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 5);
  await Deno.rename(log.path, `${log.path}.000000000005`);
  await writeEntries(log.path, 1);
  const { files, faults, entries } = await verifyAudit(log.path);
  assertEquals([files.length, faults, entries], [2, [], 7]);
  assertMatch(await Deno.readTextFile(log.path), /^\{"seq":6,"time":\d+,"kind":"continued"/);
});

Deno.test("a log whose writer is killed again and again is whole, and has every entry that was acknowledged", async () => {
  await using log = await temporaryLog();
  const known = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const most = 200 + Math.random() * 8_000;
    for (const line of await killed(log.path, most)) known.add(line);
  }
  const { faults, entries, files } = await verifyAudit(log.path);
  assertEquals(faults, []);
  const hashes = new Set<string>();
  for (const file of files) {
    for (const [, hash] of (await Deno.readTextFile(file)).matchAll(/"hash":"(\w{64})"\}\n/g)) {
      hashes.add(hash!);
    }
  }
  assert(entries >= known.size && known.size > KILLS);
  assertEquals([...known].filter((hash) => !hashes.has(hash)), []);
});
