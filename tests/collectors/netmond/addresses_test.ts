import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  bracketed,
  ipv4,
  ipv4Mask,
  ipv4Number,
  netmaskLike,
  parseKernelAddress,
  parseNetworkAddress,
  prefixOf,
} from "../../../collectors/netmond/addresses.ts";

Deno.test("parseKernelAddress() reads addresses as the kernel has them in memory", () => {
  for (
    const [hex, address] of [
      ["0100007F", "127.0.0.1"],
      ["00000000", "0.0.0.0"],
      ["FFFFFFFF", "255.255.255.255"],
      ["0A0200C0", "192.0.2.10"],
      ["00000000000000000000000000000000", "::"],
      ["00000000000000000000000001000000", "::1"],
      ["B80D0120000000000000000010000000", "2001:db8::10"],
      ["000080FE00000000FFB80B14D663EFFE", "fe80::140b:b8ff:feef:63d6"],
    ] as const
  ) assertEquals(parseKernelAddress(hex), address);
});

Deno.test("parseKernelAddress() shows IPv4 in IPv6 clothes as IPv4", () => {
  assertEquals(parseKernelAddress("0000000000000000FFFF00000100007F"), "127.0.0.1");
  assertEquals(parseKernelAddress("0000000000000000FFFF000000000000"), "0.0.0.0");
});

Deno.test("parseNetworkAddress() writes addresses by RFC 5952", () => {
  for (
    const [hex, address] of [
      ["20010db8000000000000000000000010", "2001:db8::10"],
      ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
      ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
      ["00000001000200030004000500060000", "0:1:2:3:4:5:6:0"],
      ["00010002000300040005000600070000", "1:2:3:4:5:6:7:0"],
      ["fe800000000000000000000000000000", "fe80::"],
      ["00000000000000000000000000000001", "::1"],
    ] as const
  ) assertEquals(parseNetworkAddress(hex), address);
});

Deno.test("parseNetworkAddress() writes what others read as the same address", () => {
  fc.assert(fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
    const hex = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
    const address = parseNetworkAddress(hex);
    if (!address.includes(":")) return;
    const full = groups.map((group) => group.toString(16)).join(":");
    assertEquals(new URL(`http://${bracketed(address)}/`), new URL(`http://[${full}]/`));
    assertEquals(new URL(`http://[${full}]/`).hostname, bracketed(address));
  }));
});

Deno.test("masks and prefix lengths belong to each other", () => {
  for (let prefix = 0; prefix <= 32; prefix++) assertEquals(prefixOf(ipv4Mask(prefix)), prefix);
  assertEquals(ipv4(ipv4Mask(20)), "255.255.240.0");
  assertEquals(ipv4(ipv4Number("203.0.113.7")), "203.0.113.7");
  assertEquals(netmaskLike("192.0.2.1", 25), "255.255.255.128");
  assertEquals(netmaskLike("::1", 128), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  assertEquals(netmaskLike("fe80::1", 64), "ffff:ffff:ffff:ffff::");
  assertEquals(netmaskLike("fe80::1", 0), "::");
});
