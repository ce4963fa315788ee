import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseNeighbours, parseSnmp, parseSnmp6 } from "../../../collectors/netmond/tables.ts";
import { hostileText, recorded } from "./recorded.ts";

Deno.test("parseNeighbours() reads what is known of them", () => {
  const more = "192.0.2.3        0x1         0x0         00:00:00:00:00:00     *        nmv0\n";
  assertEquals(parseNeighbours(recorded("arp") + more), [
    {
      address: "192.0.2.1",
      mac_address: "52:54:00:12:35:02",
      interface: "nmv0",
      state: "permanent",
    },
    {
      address: "192.0.2.2",
      mac_address: "52:54:00:12:35:03",
      interface: "nmv0",
      state: "complete",
    },
    { address: "192.0.2.3", mac_address: null, interface: "nmv0", state: "incomplete" },
  ]);
});

Deno.test("parseSnmp() puts numbers to names", () => {
  const { Ip, Tcp, Udp } = parseSnmp(recorded("snmp")) as Record<string, Record<string, number>>;
  assertEquals([Ip!.DefaultTTL, Tcp!.MaxConn], [64, -1]);
  assertEquals(Object.keys(Udp!).slice(0, 2), ["InDatagrams", "NoPorts"]);
  assertEquals(parseSnmp("Tcp: A B\nTcp: 1 2\nUdp: A\n"), { Tcp: { A: 1, B: 2 } });
});

Deno.test("parseSnmp6() reads a number a line", () => {
  const counters = parseSnmp6(recorded("snmp6"));
  assertEquals(typeof counters.Ip6InReceives, "number");
  assertEquals(parseSnmp6("Ip6InReceives \t 7\nbad\n"), { Ip6InReceives: 7 });
});

Deno.test("the parsers of tables throw at nothing", () => {
  fc.assert(fc.property(hostileText(), fc.nat(1000), (text, at) => {
    for (const table of ["arp", "snmp", "snmp6"]) {
      const content = recorded(table).slice(0, at) + text;
      parseNeighbours(content);
      parseSnmp(content);
      parseSnmp6(content);
    }
  }));
});
