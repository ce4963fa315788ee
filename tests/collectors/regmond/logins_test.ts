import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRecords, readLogins } from "../../../collectors/regmond/logins.ts";
import { has, testWith } from "../support.ts";
import { makeHost, rowsOf } from "./support.ts";

interface Written {
  readonly kind: number;
  readonly line?: string;
  readonly user?: string;
  readonly host?: string;
  readonly pid?: number;
  readonly time: number;
  readonly address?: readonly number[];
}

/** Records as login programs write them (utmp(5)). */
function records(...all: readonly Written[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(384 * all.length);
  const view = new DataView(bytes.buffer);
  all.forEach(({ kind, line = "", user = "", host = "", pid = 0, time, address = [] }, index) => {
    const at = 384 * index;
    const put = (offset: number, text: string) =>
      bytes.set(new TextEncoder().encode(text), at + offset);
    view.setInt16(at, kind, true);
    view.setInt32(at + 4, pid, true);
    put(8, line);
    put(44, user);
    put(76, host);
    view.setUint32(at + 340, time, true);
    bytes.set(address, at + 348);
  });
  return bytes;
}

const WTMP = records(
  { kind: 2, line: "~", user: "reboot", host: "6.1", time: 100 },
  { kind: 7, line: "tty1", user: "ada", pid: 10, time: 110 },
  {
    kind: 7,
    line: "pts/0",
    user: "root",
    pid: 11,
    host: "evil.example",
    address: [203, 0, 113, 9],
    time: 120,
  },
  { kind: 8, line: "pts/0", pid: 11, time: 130 },
  { kind: 1, line: "~", user: "shutdown", time: 140 },
  { kind: 2, line: "~", user: "reboot", time: 150 },
  {
    kind: 7,
    line: "pts/1",
    user: "bob",
    pid: 12,
    host: "2001:db8::1",
    address: [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    time: 160,
  },
);

Deno.test("readLogins() pairs logins with logouts, and ends all with a shutdown", async () => {
  await using made = await makeHost({
    "var/log/wtmp": WTMP,
    "run/utmp": WTMP.slice(-384),
    "var/log/btmp": records({
      kind: 6,
      line: "ssh:notty",
      user: "admin",
      address: [198, 51, 100, 7],
      time: 170,
    }),
  });
  const rows = rowsOf(readLogins(made.host)).map((row) => [
    row.login_type,
    row.user_name,
    row.terminal,
    row.remote_address,
    Number(row.login_time) / 1000,
    row.logout_time === null ? null : Number(row.logout_time) / 1000,
    row.active,
  ]);
  assertEquals(rows, [
    ["boot", "reboot", null, null, 100, null, false],
    ["remote", "root", "pts/0", "203.0.113.9", 120, 130, false],
    ["interactive", "ada", "tty1", null, 110, 140, false],
    ["shutdown", "shutdown", null, null, 140, null, false],
    ["boot", "reboot", null, null, 150, null, false],
    ["remote", "bob", "pts/1", "2001:db8::1", 160, null, true],
    ["failed", "admin", "ssh:notty", "198.51.100.7", 170, 170, false],
  ]);
});

testWith(
  { "last (util-linux)": has("last") },
  "readLogins() reads what last(1) reads",
  async () => {
    await using made = await makeHost({ "var/log/wtmp": WTMP });
    const { stdout } = await new Deno.Command("last", {
      args: ["-f", `${made.root}/var/log/wtmp`, "-i", "--time-format", "iso", "-F"].slice(0, 5),
      env: { TZ: "UTC" },
    }).output();
    const shown = new TextDecoder().decode(stdout).split("\n").map((line) => line.split(/\s+/));
    const expected = shown.filter(([user]) => ["ada", "bob", "root"].includes(user!))
      .map((
        [user, line, address, time],
      ) => [user, line, address === "0.0.0.0" ? null : address, Date.parse(time!)]);
    const rows = rowsOf(readLogins(made.host)).filter(({ login_type }) =>
      !/boot|shutdown/.test(String(login_type))
    )
      .map((row) => [row.user_name, row.terminal, row.remote_address, row.login_time]);
    assertEquals(rows.sort(), expected.sort());
  },
);

Deno.test("parseRecords() survives any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
    assertEquals([...parseRecords(bytes)].length, Math.floor(bytes.length / 384));
  }));
});
