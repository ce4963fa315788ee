import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  bytesToText,
  FAN,
  parseFanotify,
  textToBytes,
} from "../../../../collectors/core/fanotify/records.ts";

/**
 * What one read gave of a fanotify group on a tmpfs (Linux 6.18, x86-64) while a shell ran: mkdir d; echo a>d/x; mv d/x
 * d/y; chmod u+s d/y; chmod 700 d; cp /bin/true t; ./t; touch b\xffc; touch n\nl; rm -r d.
 */
const recorded = await Deno.readFile(new URL("recorded_tmpfs.bin", import.meta.url));

Deno.test("parseFanotify() reads what the kernel wrote", () => {
  const events = parseFanotify(recorded);
  assertEquals(
    events.map(({ mask, entry, old }) => [mask, entry?.name, old?.name]),
    [
      [FAN.CREATE | FAN.ONDIR, "d", undefined],
      [FAN.CREATE | FAN.CLOSE_WRITE, "x", undefined],
      [FAN.RENAME, "y", "x"],
      [FAN.ATTRIB, "y", undefined],
      [FAN.ATTRIB | FAN.ONDIR, ".", undefined],
      [FAN.CREATE | FAN.CLOSE_WRITE, "t", undefined],
      [FAN.OPEN_EXEC, "t", undefined],
      [FAN.CREATE | FAN.CLOSE_WRITE | FAN.ATTRIB, "b\xffc", undefined],
      [FAN.CREATE | FAN.CLOSE_WRITE | FAN.ATTRIB, "n\nl", undefined],
      // The file lost its last name; the folder of a name that is none is not told.
      [FAN.ATTRIB, undefined, undefined],
      [FAN.DELETE, "y", undefined],
      [FAN.DELETE | FAN.ONDIR, "d", undefined],
    ],
  );
  const [made, written, moved, , , , , , , , deleted] = events;
  assert(events.every(({ pid }) => pid > 0));
  assertEquals(written!.entry!.folder.key, made!.target!.key);
  assertEquals([moved!.entry!.folder.key, moved!.old!.folder.key], [
    made!.target!.key,
    made!.target!.key,
  ]);
  assertEquals([moved!.target, deleted!.target], [written!.target, written!.target]);
  const { handle, filesystem } = made!.target!;
  assertEquals([new DataView(handle.buffer).getUint32(0, true), filesystem.length], [12, 8]);
});

Deno.test("parseFanotify() reads no event that is cut short", () => {
  const whole = parseFanotify(recorded);
  for (let length = 0; length < recorded.length; length++) {
    const events = parseFanotify(recorded.subarray(0, length));
    assertEquals(events, whole.slice(0, events.length));
    assert(events.length < whole.length);
  }
});

Deno.test("parseFanotify() never fails, and never reads beyond what it was given", () => {
  const damaged = fc.array(
    fc.record({ at: fc.nat(recorded.length - 1), byte: fc.nat(255) }),
    { minLength: 1, maxLength: 40 },
  ).map((changes) => {
    const bytes = recorded.slice();
    for (const { at, byte } of changes) bytes[at] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      for (const { entry, old, target } of parseFanotify(bytes)) {
        for (const one of [entry?.folder, old?.folder, target]) {
          assert(one === undefined || one.handle.length <= bytes.length);
        }
        assert((entry?.name.length ?? 0) <= bytes.length && entry?.name !== "");
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("bytesToText() loses no byte", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assertEquals(textToBytes(bytesToText(bytes)), new Uint8Array(bytes));
    }),
  );
});
