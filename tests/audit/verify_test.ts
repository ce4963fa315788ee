import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { verifyAudit } from "../../audit/mod.ts";
import { renderEntry } from "../../audit/entry.ts";
import { openLog, temporaryLog, writeEntries } from "./support.ts";

const RUNS = { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 150) };
const ENTRIES = 12;

const encoder = new TextEncoder();

Deno.test("verifyAudit() finds nothing in a log as it was written", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const { faults, notes, entries, first, last } = await verifyAudit(log.path);
  assertEquals([faults, notes, entries], [[], [], ENTRIES]);
  assertEquals([first?.seq, last?.seq], [1, ENTRIES]);
  assertEquals((await Deno.stat(log.path)).mode! & 0o777, 0o600);
  assertEquals((await verifyAudit(log.path, last!.hash)).faults, []);
});

/** Makes a change to the bytes of a log, and gives what is found then. */
async function changed(path: string, original: Uint8Array, now: Uint8Array) {
  await Deno.writeFile(path, now);
  const report = await verifyAudit(path);
  await Deno.writeFile(path, original);
  return report;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  return new TextDecoder().decode(bytes).split("\n").slice(0, -1).map((line) =>
    encoder.encode(line + "\n")
  );
}

Deno.test("verifyAudit() finds every byte that was changed, and says at which line", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const original = await Deno.readFile(log.path);
  const position = fc.nat(original.length - 1);
  await fc.assert(
    fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const now = original.slice();
      now[at] = (now[at]! + by) % 256;
      const { faults } = await changed(log.path, original, now);
      const line = original.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
      assert(faults.length > 0, `byte ${at} by ${by}`);
      assertEquals(faults[0]!.line, line);
    }),
    RUNS,
  );
});

Deno.test("verifyAudit() finds every cut, wherever it begins and ends", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const original = await Deno.readFile(log.path);
  const range = fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 1, max: 600 }));
  await fc.assert(
    fc.asyncProperty(range, async ([from, length]) => {
      const now = joined(original.subarray(0, from), original.subarray(from + length));
      const { faults } = await changed(log.path, original, now);
      assert(faults.length > 0, `${length} bytes from ${from}`);
    }),
    RUNS,
  );
  const lines = linesOf(original);
  for (let from = 0; from < ENTRIES; from++) {
    for (let to = from + 1; to <= ENTRIES; to++) {
      const now = joined(...lines.slice(0, from), ...lines.slice(to));
      const { faults } = await changed(log.path, original, now);
      assertEquals(faults.length, 1, `lines ${from} to ${to}`);
      assertEquals(faults[0]!.line, to === ENTRIES ? null : from + 1);
      assertMatch(faults[0]!.message, /missing/);
    }
  }
});

Deno.test("verifyAudit() finds lines that were moved, repeated or put in", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const original = await Deno.readFile(log.path);
  const lines = linesOf(original);
  const place = fc.nat(ENTRIES - 1);
  await fc.assert(
    fc.asyncProperty(place, place, fc.boolean(), async (from, to, keep) => {
      fc.pre(keep || from !== to);
      const order = [...lines];
      if (!keep) order.splice(from, 1);
      order.splice(to, 0, lines[from]!);
      const { faults } = await changed(log.path, original, joined(...order));
      assert(faults.length > 0, `${from} to ${to}`);
      assert(faults[0]!.line! <= Math.max(from, to) + 2);
    }),
    RUNS,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat(original.length),
      fc.uint8Array({ minLength: 1 }),
      async (at, bytes) => {
        const now = joined(original.subarray(0, at), bytes, original.subarray(at));
        const { faults, notes } = await changed(log.path, original, now);
        // What somebody puts at the end may look as what a crash has torn.
        assert(faults.length > 0 || at === original.length && notes.length > 0);
      },
    ),
    RUNS,
  );
});

Deno.test("verifyAudit() finds an entry that was written anew with a hash that fits", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const original = await Deno.readFile(log.path);
  const lines = linesOf(original);
  for (let at = 0; at < ENTRIES; at++) {
    const { seq, time, previous } = JSON.parse(new TextDecoder().decode(lines[at]));
    const forged = renderEntry({ kind: "alert", time, data: { id: "mine" } }, seq, previous).line;
    const now = joined(
      ...lines.slice(0, at),
      encoder.encode(forged + "\n"),
      ...lines.slice(at + 1),
    );
    const { faults } = await changed(log.path, original, now);
    assertEquals(faults.length, 1);
    // At the end only the anchor knows better.
    assertEquals(faults[0]!.line, Math.min(at + 2, ENTRIES));
  }
});

Deno.test("verifyAudit() finds a chain that is whole but another one only by a hash noted elsewhere", async () => {
  await using one = await temporaryLog();
  await using other = await temporaryLog();
  await writeEntries(one.path, ENTRIES);
  await writeEntries(other.path, ENTRIES + 1);
  const { last } = await verifyAudit(one.path);
  assertEquals((await verifyAudit(other.path)).faults, []);
  const { faults } = await verifyAudit(other.path, last!.hash);
  assertMatch(faults[0]!.message, /no entry with the hash/);
});

Deno.test("verifyAudit() misses an anchor that was taken away, and one that says something else", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, ENTRIES);
  const head = `${log.path}.head`;
  const text = await Deno.readTextFile(head);
  await Deno.remove(head);
  assertMatch((await verifyAudit(log.path)).faults[0]!.message, /anchor is missing/);
  await Deno.writeTextFile(head, "{}");
  assertMatch((await verifyAudit(log.path)).faults[0]!.message, /anchor is damaged/);
  await Deno.writeTextFile(head, text.replace(/"hash":"./, '"hash":"x'));
  assertMatch((await verifyAudit(log.path)).faults[0]!.message, /anchor is damaged/);
});

Deno.test("verifyAudit() follows the chain through full files, and knows what rotation removed", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 40, { maxSize: 1_000, keep: 3 });
  const { files, faults, notes, first, last } = await verifyAudit(log.path);
  assertEquals([files.length, faults], [4, []]);
  assert(first!.seq > 1 && last!.seq > 40, "entries tell of what was removed");
  assertMatch(notes[0]!.message, /were removed by rotation/);
  await Deno.remove(files[1]!);
  assertMatch((await verifyAudit(log.path)).faults[0]!.message, /missing before it/);
});

Deno.test("verifyAudit() misses old files that rotation did not remove", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 40, { maxSize: 1_000, keep: 100 });
  const { files } = await verifyAudit(log.path);
  await Deno.remove(files[0]!);
  const { faults } = await verifyAudit(log.path);
  assertMatch(
    faults[0]!.message,
    /^entries 1 to \d+ are missing before it; the file \S+ is not there$/,
  );
  assertEquals(faults[0]!.file, files[1]);
});

Deno.test("verifyAudit() keeps what a start has found missing", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 5);
  const lines = linesOf(await Deno.readFile(log.path));
  await Deno.writeFile(log.path, joined(...lines.slice(0, 3)));
  const problems: string[] = [];
  await (await openLog(log.path, problems)).close();
  assertMatch(problems[0]!, /entries 4 to 5 are missing/);
  await writeEntries(log.path, 2);
  const { faults } = await verifyAudit(log.path);
  assertEquals(faults.length, 1);
  assertEquals(faults[0]!.line, 4);
  assertMatch(faults[0]!.message, /found at a start on .*: entries 4 to 5 are missing/);
});

/** What somebody may do to files that are full, and to the one that is written to. */
const DEEDS = {
  remove: (files: readonly string[], at: number) => Deno.remove(files[at]!),
  async swap(files: readonly string[], at: number) {
    const other = files[(at + 1) % files.length]!;
    const [one, two] = [await Deno.readFile(files[at]!), await Deno.readFile(other)];
    await Deno.writeFile(files[at]!, two);
    await Deno.writeFile(other, one);
  },
  async cut(files: readonly string[], at: number, line: number) {
    const lines = linesOf(await Deno.readFile(files[at]!));
    await Deno.writeFile(files[at]!, joined(...lines.toSpliced(line % lines.length, 1)));
  },
  async repeat(files: readonly string[], at: number, line: number) {
    const lines = linesOf(await Deno.readFile(files[at]!));
    const one = lines[line % lines.length]!;
    await Deno.writeFile(files[at]!, joined(...lines.toSpliced(line % lines.length, 0, one)));
  },
  async edit(files: readonly string[], at: number, byte: number) {
    const bytes = await Deno.readFile(files[at]!);
    bytes[byte % bytes.length]! ^= 1;
    await Deno.writeFile(files[at]!, bytes);
  },
};

Deno.test("verifyAudit() finds nothing in a log that was rotated, however, and anything that was done to it, and in which file", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_500, max: 6_000 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.keys(DEEDS) as (keyof typeof DEEDS)[]),
      fc.nat(),
      fc.nat(),
      async (maxSize, keep, sessions, deed, which, where) => {
        await using log = await temporaryLog();
        for (const count of sessions) await writeEntries(log.path, count, { maxSize, keep });
        const { files, faults } = await verifyAudit(log.path);
        assertEquals(faults, []);
        assert(files.length <= keep + 1);
        fc.pre(deed !== "swap" || files.length > 1);
        const at = which % files.length;
        await DEEDS[deed](files, at, where);
        const found = await verifyAudit(log.path);
        assert(found.faults.length > 0, deed);
        // It stands where it was done, or at what comes next.
        const near = [
          files[at],
          files[at + 1] ?? log.path,
          ...deed === "swap" ? files.slice(0, 2) : [],
        ];
        assert(
          found.faults.some(({ file }) => near.includes(file)),
          `${deed} ${at}: ${JSON.stringify(found.faults)}`,
        );
      },
    ),
    { numRuns: Math.ceil(RUNS.numRuns / 3) },
  );
});

Deno.test("verifyAudit() names the file that is missing", async () => {
  await using log = await temporaryLog();
  await writeEntries(log.path, 40, { maxSize: 2_000, keep: 100 });
  const { files } = await verifyAudit(log.path);
  await Deno.remove(files[2]!);
  const { faults } = await verifyAudit(log.path);
  assertEquals(faults.length, 1);
  assertEquals(faults[0]!.file, files[3]);
  const name = files[2]!.slice(log.folder.length + 1);
  assertMatch(faults[0]!.message, new RegExp(`missing before it; the file ${name} is not there$`));
});
