import { assertEquals } from "@std/assert";
import { parseDiskStats, parseLocks } from "../../../collectors/filemond/devices.ts";
import {
  parseAcl,
  parseFileCapabilities,
} from "../../../collectors/filemond/extended_attributes.ts";
import { compressionOf, encryptionOf } from "../../../collectors/filemond/formats.ts";
import { parseFormat } from "../../../collectors/filemond/kernel.ts";
import { mediaTypeOf } from "../../../collectors/filemond/media_type.ts";
import { deviceNumber, parseStatx } from "../../../collectors/filemond/statx.ts";
import { encodingOf } from "../../../collectors/filemond/text_encoding.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (digits: string) => Uint8Array.fromHex(digits.replaceAll(" ", ""));

Deno.test("parseFileCapabilities() reads every revision, and nothing else", () => {
  const net = { permitted: ["CAP_NET_RAW"], inheritable: [], effective: true };
  assertEquals(parseFileCapabilities(hex("01000001 00200000 00000000")), net);
  assertEquals(parseFileCapabilities(hex("01000002 00200000 00000000 00000000 00000000")), net);
  assertEquals(
    parseFileCapabilities(hex("01000003 00200000 00000000 00000000 00000000 e8030000")),
    net,
  );
  assertEquals(parseFileCapabilities(hex("00000002 00000000 01000000 80000000 00000000")), {
    permitted: ["CAP_BPF"],
    inheritable: ["CAP_CHOWN"],
    effective: false,
  });
  for (
    const broken of ["", "01", "01000002 00200000", "01000009 00200000 00000000 00000000 00000000"]
  ) {
    assertEquals(parseFileCapabilities(hex(broken)), undefined);
  }
});

Deno.test("parseAcl() reads entries with the names of those whom they are for", () => {
  const owners = { users: new Map([[1000, "ann"]]), groups: new Map([[5, "tty"]]) };
  const list = hex(
    "02000000 0100 0600 ffffffff 0200 0700 e8030000 0200 0000 d0070000 0400 0400 ffffffff" +
      "0800 0100 05000000 1000 0700 ffffffff 2000 0000 ffffffff",
  );
  const entries = parseAcl(list, owners).map(({ kind, name, permissions }) =>
    `${kind}:${name ?? ""}:${permissions}`
  );
  assertEquals(entries, [
    ...["user::rw-", "user:ann:rwx", "user:2000:---", "group::r--", "group:tty:--x"],
    ...["mask::rwx", "other::---"],
  ]);
  assertEquals(parseAcl(list.subarray(0, 20), owners).length, 2);
  for (const broken of ["", "02", "03000000 0100 0600 ffffffff"]) {
    assertEquals(parseAcl(hex(broken), owners), []);
  }
});

Deno.test("encodingOf() tells texts by their bytes", () => {
  assertEquals(
    [
      "plain\ttext\r\n",
      "ünï",
      "\u{feff}marked",
    ].map((text) => encodingOf(bytes(text))),
    ["us-ascii", "utf-8", "utf-8"],
  );
  assertEquals(encodingOf(bytes("ü€").subarray(0, 4)), "utf-8", "cut within a character");
  assertEquals(encodingOf(hex("fffe 6100")), "utf-16le");
  assertEquals(encodingOf(hex("feff 0061")), "utf-16be");
  assertEquals(encodingOf(hex("fffe0000 61000000")), "utf-32le");
  assertEquals(encodingOf(hex("66fc72")), "iso-8859-1");
  for (const binary of ["", "6100", "7f454c46", "668072"]) {
    assertEquals(encodingOf(hex(binary)), null);
  }
});

Deno.test("compressionOf() and encryptionOf() tell formats by their beginning", () => {
  assertEquals(compressionOf(hex("1f8b0800")), "gzip");
  assertEquals(compressionOf(hex("28b52ffd00")), "zstd");
  assertEquals(compressionOf(bytes("BZ")), null);
  assertEquals(encryptionOf(bytes("Salted__12345678")), "openssl");
  assertEquals(encryptionOf(bytes("age-encryption.org/v1\n->")), "age");
  assertEquals(encryptionOf(hex("4c554b53babe0002")), "luks");
  assertEquals(encryptionOf(hex("504b0304 1400 0100")), "zip");
  assertEquals(encryptionOf(hex("504b0304 1400 0000")), null);
  assertEquals(
    encryptionOf(bytes("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n")),
    "pem",
  );
  assertEquals(encryptionOf(new Uint8Array()), null);
});

Deno.test("mediaTypeOf() tells formats by their content, and texts by their first line", async () => {
  const types = [
    [new Uint8Array(), "inode/x-empty"],
    [bytes("words\n"), "text/plain"],
    [bytes("#!/bin/sh\n"), "text/x-shellscript"],
    [bytes("#! /usr/bin/env python3\n"), "text/x-script.python"],
    [bytes("#!/usr/bin/env -S perl -w\n"), "text/x-perl"],
    [hex("1f8b08000000000000ff"), "application/gzip"],
    [hex("89504e470d0a1a0a0000000d49484452"), "image/png"],
    [bytes("%PDF-1.7\n"), "application/pdf"],
    [hex("00010203"), "application/octet-stream"],
    [hex("504b0304"), "application/zip"],
  ] as const;
  for (const [content, type] of types) assertEquals(await mediaTypeOf(content), type);
});

Deno.test("parseStatx() has no time of creation where the filesystem keeps none", () => {
  const view = new DataView(new ArrayBuffer(256));
  view.setUint32(0, 0x1fff, true);
  assertEquals(parseStatx(view).btime, null);
  view.setBigInt64(80, -1n, true);
  view.setUint32(88, 999, true);
  assertEquals(parseStatx(view).btime, -999_999_001n);
  view.setUint32(0, 0x7ff, true);
  assertEquals([parseStatx(view).btime, parseStatx(view).mount], [null, null]);
});

Deno.test("deviceNumber() joins numbers of any size as makedev(3) does", () => {
  assertEquals(deviceNumber(1, 3), 0x103n);
  assertEquals(deviceNumber(254, 256), 0x10_fe00n);
  assertEquals(deviceNumber(0x1_2345, 0xab_cdef), 0x1200abcd345efn);
});

Deno.test("parseLocks() reads who holds a file, not who waits for it", () => {
  const text = `1: POSIX  ADVISORY  WRITE 812 fe:00:77 0 EOF
1: -> POSIX  ADVISORY  WRITE 813 fe:00:77 0 EOF
2: FLOCK  ADVISORY  READ 900 fe:00:77 0 EOF
3: OFDLCK ADVISORY  WRITE -1 00:2a:5 128 255
nonsense
`;
  assertEquals(
    [...parseLocks(text)],
    [
      ["254:0:77", [
        { kind: "posix", mode: "exclusive", pid: 812, start: 0, end: null },
        { kind: "flock", mode: "shared", pid: 900, start: 0, end: null },
      ]],
      ["0:42:5", [{ kind: "ofdlck", mode: "exclusive", pid: null, start: 128, end: 255 }]],
    ],
  );
});

Deno.test("parseDiskStats() reads counters by device number", () => {
  const text = " 254       0 vda 10 1 20 2 30 3 40 4 0 50 60 0 0 0 0\n   7 0 loop0\n";
  assertEquals([...parseDiskStats(text)], [[
    "254:0",
    '{"device":"vda","reads":10,"sectors_read":20,"writes":30,"sectors_written":40,"io_time":50}',
  ]]);
});

Deno.test("parseFormat() reads a registered format", () => {
  const text = "enabled\ninterpreter /usr/bin/qemu\nflags: OCF\noffset 0\nmagic 7f45\n";
  assertEquals(parseFormat(text), { enabled: true, interpreter: "/usr/bin/qemu", flags: "OCF" });
  assertEquals(parseFormat("disabled\n"), { enabled: false, interpreter: null, flags: "" });
});
