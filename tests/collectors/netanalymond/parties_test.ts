import { assertEquals } from "@std/assert";
import type { Reading } from "../../../collectors/core/collector.ts";
import type { Flow } from "../../../collectors/netanalymond/flow.ts";
import { createParties } from "../../../collectors/netanalymond/parties.ts";

const ENDS = {
  protocol: "tcp",
  local_address: "127.0.0.1",
  local_port: 40_000,
  remote_address: "127.0.0.1",
  remote_port: 80,
};
const NAME = "tcp 127.0.0.1:40000 127.0.0.1:80";
const OPEN = { ...ENDS, connection_id: `${NAME} 123`, pid: 7, process_key: "k" };
const CLOSING = { ...ENDS, connection_id: `${NAME} 123` };
const REMAINS = { ...ENDS, connection_id: `${NAME} net:[4026531833]` };
const LISTENING = {
  protocol: "tcp",
  local_address: "0.0.0.0",
  local_port: 80,
  connection_id: "tcp 0.0.0.0:80 9",
  pid: 8,
  process_key: "s",
};
const FLOW: Flow = {
  transport: "tcp",
  source: { address: "127.0.0.1", port: 40_000 },
  destination: { address: "127.0.0.1", port: 80 },
  packets: 1,
  bytes: 1,
  start: 0,
  latest: 0,
  closed: true,
};

/** Who takes part in the flow, where looks show rows one after the other. */
function partiesOf(...rows: readonly Reading["row"][]) {
  let shown: readonly Reading["row"][] = [];
  const parties = createParties(() => shown.map((row) => ({ row })));
  for (const row of rows) {
    shown = [row];
    parties.look(Infinity, false);
  }
  return parties.of(FLOW).map(({ side, connection_id, pid }) => [side, connection_id, pid]);
}

Deno.test("createParties() knows an end once, as socket and as what is left of it", () => {
  assertEquals(partiesOf(OPEN, REMAINS), [[0, OPEN.connection_id, 7]]);
  assertEquals(partiesOf(REMAINS, OPEN), [[0, OPEN.connection_id, 7]]);
  // Also where it was too late to see who held it.
  assertEquals(partiesOf(CLOSING, REMAINS), [[0, CLOSING.connection_id, null]]);
  assertEquals(partiesOf(REMAINS), [[0, REMAINS.connection_id, null]]);
});

Deno.test("createParties() gives what a server took and closed to who listens", () => {
  assertEquals(partiesOf(OPEN, LISTENING), [
    [0, OPEN.connection_id, 7],
    [1, "tcp 127.0.0.1:80 127.0.0.1:40000", 8],
  ]);
  const { local_address, local_port, remote_address, remote_port } = ENDS;
  const other = {
    protocol: "tcp",
    local_address: remote_address,
    local_port: remote_port,
    remote_address: local_address,
    remote_port: local_port,
    connection_id: "tcp 127.0.0.1:80 127.0.0.1:40000 net:[4026531833]",
  };
  assertEquals(partiesOf(LISTENING, other), [[1, other.connection_id, 8]]);
});
