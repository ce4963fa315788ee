import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseIpv6Addresses, placeByRoute } from "../../../collectors/netmond/addressing.ts";
import { createFibTrieParser, type LocalRoutes } from "../../../collectors/netmond/fib_trie.ts";
import { parseIpv4Routes } from "../../../collectors/netmond/routes.ts";
import { hostileText, recorded, recordedLines } from "./recorded.ts";

function parse(lines: readonly string[]): LocalRoutes {
  const parser = createFibTrieParser();
  for (const line of lines) parser.line(line);
  return parser.routes();
}

Deno.test("createFibTrieParser() finds the host's own addresses", () => {
  assertEquals(parse(recordedLines("fib_trie")), {
    addresses: ["127.0.0.1", "192.0.2.10", "198.51.100.7"],
    networks: [{ network: "127.0.0.0", prefix: 8 }],
    broadcasts: new Set(["127.255.255.255", "192.0.2.255"]),
  });
});

Deno.test("placeByRoute() places addresses where the route of their network leads, and says what it cannot", () => {
  const local = parse(recordedLines("fib_trie"));
  const { of, vague } = placeByRoute(local, parseIpv4Routes(recorded("route")));
  assertEquals(Object.fromEntries(of), {
    lo: [{ address: "127.0.0.1", prefix: 8, broadcast: null }],
    nmv0: [{ address: "192.0.2.10", prefix: 24, broadcast: "192.0.2.255" }],
  });
  assertEquals(vague, true, "198.51.100.7 may be anywhere");
});

Deno.test("placeByRoute() does not choose between two interfaces", () => {
  const local: LocalRoutes = { addresses: ["10.0.0.1"], networks: [], broadcasts: new Set() };
  const route = (name: string, destination: string) => ({
    destination,
    gateway: null,
    interface: name,
    metric: 0,
  });
  assertEquals(placeByRoute(local, [route("a", "10.0.0.0/8"), route("b", "10.0.0.0/24")]), {
    of: new Map([["b", [{ address: "10.0.0.1", prefix: 24, broadcast: null }]]]),
    vague: false,
  });
  const both = [route("a", "10.0.0.0/24"), route("b", "10.0.0.0/24")];
  assertEquals(placeByRoute(local, both), { of: new Map(), vague: true });
  assertEquals(placeByRoute(local, [route("a", "0.0.0.0/0")]), { of: new Map(), vague: true });
});

Deno.test("parseIpv6Addresses() reads addresses by interface", () => {
  const addresses = [...parseIpv6Addresses(recorded("if_inet6"))];
  assertEquals(addresses.filter(([, { address }]) => !address.startsWith("fe80")), [
    ["lo", { address: "::1", prefix: 128, broadcast: null }],
    ["nmv0", { address: "2001:db8::10", prefix: 64, broadcast: null }],
  ]);
  assertEquals(addresses.length, 4);
});

Deno.test("the parsers of addresses throw at nothing", () => {
  fc.assert(fc.property(fc.array(hostileText()), hostileText(), (lines, text) => {
    const trie = recordedLines("fib_trie");
    const local = parse([...trie, ...lines]);
    placeByRoute(local, parseIpv4Routes(recorded("route") + text));
    void [...parseIpv6Addresses(text + recorded("if_inet6").slice(text.length))];
  }));
});
