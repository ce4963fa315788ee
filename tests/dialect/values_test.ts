import { assert, assertEquals } from "@std/assert";
import {
  addressClass,
  basename,
  contains,
  dirname,
  endsWith,
  entropy,
  fromBase64,
  inCidr,
  startsWith,
  textOf,
} from "../../dialect/mod.ts";

Deno.test("contains(), startsWith(), endsWith() leave the case of ASCII letters aside, and of no others", () => {
  assertEquals(contains("/usr/bin/CURL http://x", "curl HTTP"), true);
  assertEquals(startsWith("PowerShell.exe", "powershell"), true);
  assertEquals(endsWith("x.EXE", ".exe"), true);
  assertEquals(startsWith("x.EXE", ".exe"), false);
  assertEquals(contains("É", "é"), false);
  assertEquals(contains("aÉB", "AÉb"), true);
  assertEquals(contains("\u212a", "k"), false);
  assertEquals(contains("İx", "i"), false);
  assertEquals(contains("a", ""), true);
  assertEquals(contains(null, "a"), null);
  assertEquals(contains("a", null), null);
  assertEquals(contains(14022, 402), true);
});

Deno.test("inCidr() compares addresses by bits", () => {
  const cases: [string, string, boolean | null][] = [
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.0.0.1", "10.0.0.0/8", false],
    ["10.1.2.3", "10.9.9.9/8", true],
    ["192.168.1.130", "192.168.1.128/25", true],
    ["192.168.1.127", "192.168.1.128/25", false],
    ["192.168.1.1", "192.168.1.1", true],
    ["1.2.3.4", "0.0.0.0/0", true],
    ["fe80::1%eth0", "fe80::/10", true],
    ["fec0::1", "fe80::/10", false],
    ["2001:db8:0:0:0:0:0:1", "2001:DB8::/32", true],
    ["::ffff:10.0.0.1", "10.0.0.0/8", true],
    ["10.0.0.1", "::ffff:10.0.0.0/104", true],
    ["10.0.0.1", "::ffff:a00:0/104", true],
    ["10.0.0.1", "::/0", false],
    ["10.0.0.1", "::ffff:10.0.0.0/95", false],
    ["::1", "0.0.0.0/0", false],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128", true],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128", true],
    ["10.0.0.1", "10.0.0.0/33", null],
    ["10.0.0", "10.0.0.0/8", null],
    ["10.0.0.256", "10.0.0.0/8", null],
    ["010.0.0.1", "10.0.0.0/8", null],
    ["10.0.0.1/8", "10.0.0.0/8", null],
    ["1:2:3:4:5:6:7:8:9", "::/0", null],
    ["1::2::3", "::/0", null],
    [":1", "::/0", null],
    ["12345::", "::/0", null],
    ["1:2:3:4:5:6:7::8", "::/0", null],
    ["::1.2.3", "::/0", null],
    ["1.2.3.4::", "::/0", null],
    ["", "::/0", null],
    ["::", "", null],
  ];
  for (const [address, cidr, expected] of cases) {
    assertEquals(inCidr(address, cidr), expected, `${address} in ${cidr}`);
  }
  assertEquals(inCidr(null, "::/0"), null);
  assertEquals(inCidr("::", null), null);
});

Deno.test("addressClass() tells peers apart", () => {
  const cases: Record<string, string | null> = {
    "127.0.0.53": "loopback",
    "::1": "loopback",
    "::ffff:127.0.0.1": "loopback",
    "10.0.0.1": "private",
    "172.31.255.255": "private",
    "172.32.0.1": "public",
    "192.168.0.1": "private",
    "100.64.0.1": "private",
    "fd00::1": "private",
    "169.254.169.254": "link_local",
    "fe80::1%2": "link_local",
    "224.0.0.251": "multicast",
    "255.255.255.255": "multicast",
    "ff02::1": "multicast",
    "8.8.8.8": "public",
    "203.0.113.7": "public",
    "2606:4700::1111": "public",
    "0.0.0.0": null,
    "::": null,
    "localhost": null,
    "": null,
  };
  for (const [address, expected] of Object.entries(cases)) {
    assertEquals(addressClass(address), expected, address);
  }
  assertEquals(addressClass(null), null);
});

Deno.test("entropy() is Shannon's, in bits per byte", () => {
  assertEquals(entropy(""), 0);
  assertEquals(entropy("aaaa"), 0);
  assertEquals(entropy("ab"), 1);
  assertEquals(entropy("abcdefgh"), 3);
  assertEquals(entropy("é"), 1);
  assertEquals(entropy(null), null);
});

Deno.test("fromBase64() reads both alphabets, padded or not", () => {
  assertEquals(fromBase64("aGVsbG8="), "hello");
  assertEquals(fromBase64("aGVsbG8"), "hello");
  assertEquals(fromBase64("w7/Dvg=="), "ÿþ");
  assertEquals(fromBase64("w7_Dvg"), "ÿþ");
  assertEquals(fromBase64("aGVs\nbG8="), "hello");
  assertEquals(fromBase64(""), "");
  assertEquals(fromBase64("/w=="), "\uFFFD");
  assertEquals(fromBase64("YQBi"), "a\uFFFDb");
  for (const bad of ["a", "a*bc", "aGVsbG8==", "é"]) assertEquals(fromBase64(bad), null, bad);
  assertEquals(fromBase64(null), null);
});

Deno.test("basename() and dirname() split POSIX and Windows paths", () => {
  const cases: [path: string, base: string, dir: string][] = [
    ["/usr/bin/bash", "bash", "/usr/bin"],
    ["/usr/bin/", "bin", "/usr"],
    ["/usr", "usr", "/"],
    ["//usr//bin", "bin", "//usr"],
    ["/", "/", "/"],
    ["//", "/", "/"],
    ["", "", "."],
    ["bash", "bash", "."],
    ["./x/y", "y", "./x"],
    ["/tmp/a\\b", "a\\b", "/tmp"],
    ["C:\\Windows\\System32\\cmd.exe", "cmd.exe", "C:\\Windows\\System32"],
    ["C:\\cmd.exe", "cmd.exe", "C:\\"],
    ["C:\\", "C:", "C:\\"],
    ["\\\\server\\share\\f.exe", "f.exe", "\\\\server\\share"],
    ["dir\\f/g", "g", "dir\\f"],
  ];
  for (const [path, base, dir] of cases) {
    assertEquals(basename(path), base, path);
    assertEquals(dirname(path), dir, path);
  }
  assertEquals(basename(null), null);
  assertEquals(dirname(null), null);
});

Deno.test("textOf() keeps text and NULL, and writes numbers", () => {
  assertEquals(textOf(null), null);
  assertEquals(textOf(true), "1");
  assertEquals(textOf(-5), "-5");
  assertEquals(textOf(2n ** 62n), String(2n ** 62n));
  assertEquals(textOf(new TextEncoder().encode("é")), "é");
  assert(textOf(0.1) === "0.1");
});
