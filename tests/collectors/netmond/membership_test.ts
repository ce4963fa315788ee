import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseBondMembers, parseVlans } from "../../../collectors/netmond/membership.ts";
import { hostileText } from "./recorded.ts";

/** As net/8021q/vlanproc.c of the kernel writes it. */
const VLANS = `VLAN Dev name    | VLAN ID
Name-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
eth0.5         | 5  | eth0
a|b            | 4094  | x|1  |y
`;

/** From bonding.rst of the kernel. */
const BOND = `Ethernet Channel Bonding Driver: 2.6.1 (October 29, 2004)
Bonding Mode: load balancing (round-robin)
Currently Active Slave: eth0
MII Status: up
MII Polling Interval (ms): 1000
Up Delay (ms): 0
Down Delay (ms): 0

Slave Interface: eth1
MII Status: up
Link Failure Count: 1

Slave Interface: eth0
MII Status: up
Link Failure Count: 1
`;

Deno.test("parseVlans() reads the VLAN of each interface", () => {
  assertEquals(parseVlans(VLANS), new Map([["eth0.5", 5]]));
  assertEquals(
    parseVlans("a|b            | 4094  | x|1\n"),
    new Map([["a|b", 4094]]),
    "a name may hold what separates columns",
  );
});

Deno.test("parseBondMembers() reads the members", () => {
  assertEquals(parseBondMembers(BOND), ["eth1", "eth0"]);
});

Deno.test("the parsers of memberships throw at nothing", () => {
  fc.assert(fc.property(hostileText(), fc.nat(200), (text, at) => {
    parseVlans(VLANS.slice(0, at) + text);
    parseBondMembers(BOND.slice(0, at) + text);
  }));
});
