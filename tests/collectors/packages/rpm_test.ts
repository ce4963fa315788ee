import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readRpmFile, readRpmPackage } from "../../../collectors/packages/rpm_header.ts";
import { isLinux, testWith } from "../support.ts";
import { output } from "../binmond/readelf.ts";
import { makeHost } from "./host.ts";
import { closeLog, installed, needs } from "./rpm_host.ts";

testWith(needs, "a path belongs to the package in whose header it stands", () => {
  using host = installed();
  const sum = (path: string) => output("sha256sum", host.root + path).slice(0, 64);
  const check = () => {
    using records = host.open();
    for (const path of ["/usr/bin/example", "/bin/old"]) {
      assertEquals<unknown>(records.ownerOf(path), {
        manager: "rpm",
        package: "example",
        digest: { algorithm: "sha256", value: sum(path) },
      });
    }
    assertEquals<unknown>(records.ownerOf("/etc/example.conf"), {
      manager: "rpm",
      package: "example",
    });
    assertEquals(records.ownerOf("/usr/bin/old"), undefined);
    assertEquals(records.ownerOf("/usr/bin/none"), undefined);
  };
  check();
  closeLog(host);
  check();
  // Where something stands in the log alone, the file does not tell all.
  Deno.writeTextFileSync(`${host.root}/var/lib/rpm/rpmdb.sqlite-wal`, "x");
  assertEquals(host.open().ownerOf("/usr/bin/example"), "not_collected");
});

testWith(needs, "a database that is broken or empty tells nothing", () => {
  using host = installed();
  const path = "/var/lib/rpm/rpmdb.sqlite";
  const bytes = Deno.readFileSync(host.root + path);
  for (const end of ["-wal", "-shm"]) Deno.removeSync(host.root + path + end);
  for (let turn = 0; turn < 40; turn++) {
    const broken = bytes.slice();
    broken.fill(0xff, turn * 4096 + 100, turn * 4096 + 2000);
    host.write(path, broken);
    using records = host.open();
    const owner = records.ownerOf("/usr/bin/example");
    assert(owner === undefined || owner === "not_collected" || typeof owner === "object");
  }
  host.write(path, "no database");
  assertEquals(host.open().ownerOf("/usr/bin/example"), "not_collected");
  host.write(path, "");
  assertEquals(host.open().ownerOf("/usr/bin/example"), "not_collected");
});

testWith({ Linux: isLinux }, "a database that is a pipe is not waited for", () => {
  using host = makeHost({
    "/var/lib/rpm/rpmdb.sqlite-wal": "x",
    "/var/lib/rpm/rpmdb.sqlite-shm": "x",
  });
  output("mkfifo", `${host.root}/var/lib/rpm/rpmdb.sqlite`);
  assertEquals(host.open().ownerOf("/usr/bin/example"), "not_collected");
});

/** A header as rpm writes it: texts and numbers by tag. */
function craftHeader(tags: Readonly<Record<number, readonly string[] | readonly number[]>>) {
  const data: number[] = [];
  const entries = Object.entries(tags).map(([tag, values]) => {
    const isText = typeof values[0] === "string";
    while (!isText && data.length % 4) data.push(0);
    const entry = [Number(tag), isText ? 8 : 4, data.length, values.length];
    for (const value of values) {
      if (typeof value === "string") data.push(...new TextEncoder().encode(value), 0);
      else data.push(value >>> 24, value >> 16 & 255, value >> 8 & 255, value & 255);
    }
    return entry;
  });
  const bytes = new Uint8Array(8 + 16 * entries.length + data.length);
  const view = new DataView(bytes.buffer);
  [entries.length, data.length, ...entries.flat()].forEach((value, at) =>
    view.setUint32(4 * at, value)
  );
  bytes.set(data, 8 + 16 * entries.length);
  return bytes;
}

const HEADER = craftHeader({
  1000: ["example"],
  1035: ["a".repeat(64), "", "b".repeat(64)],
  1037: [0, 0, 1],
  1116: [0, 0, 1],
  1117: ["one", "two", "three.conf"],
  1118: ["/usr/bin/", "/etc/"],
  5011: [8],
});

Deno.test("readRpmFile() reads the files of a header, digests but of configuration", () => {
  assertEquals(readRpmFile(HEADER, 0), {
    package: "example",
    path: "/usr/bin/one",
    digest: { algorithm: "sha256", value: "a".repeat(64) },
  });
  assertEquals(readRpmFile(HEADER, 1), { package: "example", path: "/usr/bin/two" });
  assertEquals(readRpmFile(HEADER, 2), { package: "example", path: "/etc/three.conf" });
  for (const index of [3, -1, NaN, 2 ** 31]) assertEquals(readRpmFile(HEADER, index), undefined);
});

Deno.test("readRpmPackage() reads what a header says of its package, little as it may be", () => {
  const bare = {
    name: "example",
    version: "1",
    architecture: null,
    source: null,
    maintainer: null,
    installedTime: null,
    installedSize: null,
  };
  assertEquals(readRpmPackage(craftHeader({ 1000: ["example"], 1001: ["1"] })), bare);
  assertEquals(readRpmPackage(craftHeader({ 1000: ["example"] })), undefined);
  // deno-fmt-ignore
  const full = craftHeader({ 1000: ["example"], 1001: ["1"], 1002: ["2.fc41"], 1003: [0], 1008: [1_700_000_000], 1011: ["Seller"], 1044: ["ex-ample-1-2.fc41.src.rpm"], 5009: [1, 5] });
  assertEquals(readRpmPackage(full), {
    ...bare,
    version: "0:1-2.fc41",
    source: "ex-ample",
    maintainer: "Seller",
    installedTime: 1_700_000_000_000,
    installedSize: 2 ** 32 + 5,
  });
});

Deno.test("what is broken in a header is read without harm", () => {
  const change = fc.tuple(fc.nat(HEADER.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change), fc.nat(HEADER.length), fc.integer(), (changes, length, index) => {
      const bytes = HEADER.slice(0, length);
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      try {
        readRpmFile(bytes, index);
        readRpmFile(bytes, 0);
        readRpmPackage(bytes);
      } catch (error) {
        assert(error instanceof Error);
      }
    }),
  );
});
