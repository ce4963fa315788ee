import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { filterOf } from "../../../collectors/netanalymond/capture/filter.ts";
import { parseConnectionId } from "../../../collectors/netanalymond/connection_id.ts";
import { hasProgram } from "./real_capture.ts";

const of = (column: string, ...values: string[]) => filterOf({ column, values }, undefined);
const PARTS = "(ip[6:2] & 0x1fff != 0 or ip6[6] = 44)";

Deno.test("filterOf() lets through what keys mean", () => {
  assertEquals(of("source_ip", "192.0.2.1", "2001:db8::1"), "(host 192.0.2.1 or host 2001:db8::1)");
  assertEquals(
    of("connection_id", "tcp 192.0.2.1:4000 [2001:db8::1]:443 123"),
    `((tcp and host 192.0.2.1 and host 2001:db8::1 and ((port 4000 and port 443) or ${PARTS})))`,
  );
  assertEquals(of("connection_id", "udp 0.0.0.0:53 77"), `((udp and ((port 53) or ${PARTS})))`);
  assertEquals(filterOf({ column: "pid", values: [1] }, undefined), "(ip or ip6)");
  const globs = (...globs: string[]) => filterOf({ column: "connection_id", globs }, undefined);
  assertEquals(globs("udp *", "udp 1*"), `(udp or ${PARTS})`);
  assertEquals(globs("udp *", "tcp *"), "(ip or ip6)");
  const port = { op: "=", column: "destination_port", value: 53 } as const;
  assertEquals(
    filterOf({ column: "pid", values: [1] }, port),
    `(ip or ip6) and (port 53 or ${PARTS})`,
  );
});

Deno.test("filterOf() asks for nothing where keys can mean no packet", () => {
  assertEquals(
    of("connection_id", "unix /run/x 5", "tcp 0.0.0.0:80 x y z", "tcp 1.2.3.4:99999 *"),
    undefined,
  );
  assertEquals(of("source_ip", "evil.example", "1.2.3.4 or tcp", ""), undefined);
});

Deno.test("filterOf() lets no text of a key into the filter", () => {
  const word = fc.constantFrom(
    "tcp",
    "udp",
    "1.2.3.4:80",
    "[::1]:5",
    "1.2.3.4",
    "*",
    " ",
    ")",
    "or host 9.9.9.9",
    "\n",
    "net:[4]",
  );
  fc.assert(
    fc.property(
      fc.constantFrom("connection_id", "source_ip"),
      fc.array(fc.array(word, { maxLength: 5 })),
      (column, keys) => {
        const filter = of(column, ...keys.map((words) => words.join(" ")));
        if (filter === undefined) return;
        assert(
          /^(?:[()]|and|or|tcp|udp|host [0-9a-f:.]+|port \d{1,5}|ip\[6:2\] & 0x1fff != 0|ip6\[6\] = 44|\s)+$/
            .test(filter),
          filter,
        );
        assert(!filter.includes("9.9.9.9"));
      },
    ),
  );
});

Deno.test({
  name: "filterOf() makes what tcpdump understands",
  ignore: !await hasProgram("tcpdump"),
  async fn() {
    const filters = [
      of("connection_id", "tcp 192.0.2.1:4000 [2001:db8::1]:443 123", "udp 0.0.0.0:53 77"),
      of("destination_ip", "192.0.2.1"),
      filterOf({ column: "pid", values: [1] }, { op: "in", column: "source_port", values: [1, 2] }),
    ];
    for (const filter of filters) {
      const { stderr } = await new Deno.Command("tcpdump", {
        args: ["-d", "-y", "EN10MB", filter!],
        stdout: "null",
        stderr: "piped",
        clearEnv: true,
      }).output();
      const said = new TextDecoder().decode(stderr);
      assert(!said.includes("syntax error") && !said.includes("can't parse"), said);
    }
  },
});

Deno.test("parseConnectionId() reads what network_connections calls its sockets, and nothing else", () => {
  assertEquals(parseConnectionId("tcp 127.0.0.1:80 [::1]:9 net:[4026531833]"), {
    protocol: "tcp",
    local: { address: "127.0.0.1", port: 80 },
    remote: { address: "::1", port: 9 },
  });
  assertEquals(parseConnectionId("udp 0.0.0.0:53 77"), {
    protocol: "udp",
    local: { address: "0.0.0.0", port: 53 },
  });
  for (
    const id of ["", "tcp", "tcp x:1 y:2", "tcp 1.2.3.4:1 5.6.7.8:2 3 4"]
  ) {
    assertEquals(parseConnectionId(id), undefined, id);
  }
});
