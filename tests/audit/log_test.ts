import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { verifyAudit } from "../../audit/mod.ts";
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
  await Promise.all(Array.from({ length: 200 }, (_, at) => log.append("alert", { at })));
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
      await log.append("stop", {});
      assertEquals(log.unwritten(), { waiting: 0, lost: 0 });
      await log.close();
      const { faults, notes } = await verifyAudit(path);
      assertEquals(faults, []);
      assertEquals(notes.map(({ message }) => message), [
        `${lost + 1} entries are lost: the disk took none`,
      ]);
    } finally {
      await mount(`umount ${small}`);
    }
  },
);

Deno.test("a log whose writer is killed again and again is whole, and has every entry that was acknowledged", async () => {
  await using log = await temporaryLog();
  const known = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", fromFileUrl(new URL("writer.ts", import.meta.url)), log.path],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let text = "";
    const most = 200 + Math.random() * 8_000;
    for await (const chunk of writer.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.length > most) break;
    }
    writer.kill("SIGKILL");
    await writer.status;
    for (const line of text.split("\n").slice(0, -1)) {
      if (line !== "ready") known.add(line);
    }
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
