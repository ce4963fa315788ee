import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseIpv4Routes, parseIpv6Routes } from "../../../collectors/netmond/routes.ts";
import { hostileText, recorded } from "./recorded.ts";

Deno.test("parseIpv4Routes() reads networks, gateways and metrics", () => {
  assertEquals(parseIpv4Routes(recorded("route")), [
    { destination: "0.0.0.0/0", gateway: "192.0.2.1", interface: "nmv0", metric: 0 },
    { destination: "192.0.2.0/24", gateway: null, interface: "nmv0", metric: 0 },
    { destination: "203.0.113.0/24", gateway: "192.0.2.1", interface: "nmv0", metric: 100 },
  ]);
});

Deno.test("parseIpv6Routes() leaves out what leads to nobody else", () => {
  assertEquals(parseIpv6Routes(recorded("ipv6_route")), [
    { destination: "2001:db8::/64", gateway: null, interface: "nmv0", metric: 256 },
    { destination: "fe80::/64", gateway: null, interface: "nmv1", metric: 256 },
    { destination: "fe80::/64", gateway: null, interface: "nmv0", metric: 256 },
    { destination: "::/0", gateway: "fe80::1", interface: "nmv0", metric: 1024 },
  ]);
});

Deno.test("the parsers of routes throw at nothing", () => {
  fc.assert(fc.property(hostileText(), fc.nat(1700), (text, at) => {
    for (const table of ["route", "ipv6_route"]) {
      const whole = recorded(table);
      parseIpv4Routes(whole.slice(0, at) + text);
      parseIpv6Routes(whole.slice(0, at) + text + whole.slice(at));
    }
  }));
});
