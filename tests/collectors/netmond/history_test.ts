import { assertEquals } from "@std/assert";
import { createHistory } from "../../../collectors/netmond/history.ts";
import type { Socket } from "../../../collectors/netmond/sockets.ts";

const outbound = () => "outbound" as const;
const never = () => {
  throw new Error("it is known");
};

/** A socket with this inode number and, where it has a peer, this remote port. */
function socket(inode: number, remote_port: number | null = null): Socket {
  return {
    protocol: "tcp",
    family: "inet",
    socket_type: "stream",
    local_address: "192.0.2.1",
    local_port: 22,
    remote_address: remote_port === null ? null : "203.0.113.7",
    remote_port,
    state: null,
    inode,
    uid: 0,
    flags: null,
    receive_queue: 0,
    send_queue: 0,
    platform_data: null,
  };
}

Deno.test("createHistory() knows the time of what it has not seen at first", () => {
  const history = createHistory();
  const first = history.look("n", "tcp", 1000);
  assertEquals(first.of(socket(1), outbound), { created: null, direction: "outbound" });
  first.end();
  const second = history.look("n", "tcp", 2000);
  assertEquals(second.of(socket(1), never).created, null);
  assertEquals(second.of(socket(2), outbound).created, 2000);
  second.end();
  const third = history.look("n", "tcp", 3000);
  assertEquals(third.of(socket(2), never), { created: 2000, direction: "outbound" });
  assertEquals(third.of(socket(3), outbound).created, 3000);
});

Deno.test("createHistory() looks at protocols and namespaces for the first time, each", () => {
  const history = createHistory();
  history.look("n", "tcp", 1000).end();
  for (const [namespace, protocol] of [["n", "udp"], ["m", "tcp"]] as const) {
    const look = history.look(namespace, protocol, 2000);
    assertEquals(look.of(socket(1), outbound).created, null);
  }
  history.keep(["m"]);
  const again = history.look("n", "tcp", 3000);
  assertEquals(again.of(socket(1), outbound).created, null, "it was forgotten");
});

Deno.test("createHistory() follows a connection that its program has closed", () => {
  const history = createHistory();
  history.look("n", "tcp", 1000).end();
  const open = history.look("n", "tcp", 2000);
  open.of(socket(7, 50), () => "inbound");
  open.end();
  const closed = history.look("n", "tcp", 3000);
  assertEquals(closed.of(socket(0, 50), never), { created: 2000, direction: "inbound" });
  assertEquals(closed.of(socket(0, 51), outbound).created, 3000, "other ends");
  closed.end();
  const later = history.look("n", "tcp", 4000);
  assertEquals(later.of(socket(0, 50), never).created, 2000);
  assertEquals(later.of(socket(8, 50), outbound).created, 4000, "the ends are used again");
});

Deno.test("createHistory() does not take a look that was broken off for a whole one", () => {
  const history = createHistory();
  history.look("n", "tcp", 1000).of(socket(1), outbound);
  const next = history.look("n", "tcp", 2000);
  assertEquals(next.of(socket(2), outbound).created, null);
});

Deno.test("createHistory() dates a connection that it never saw open by when it was closed", () => {
  const history = createHistory();
  const first = history.look("n", "tcp", 90_000);
  assertEquals(first.of({ ...socket(0, 443), closed: 20_000 }, outbound).created, 70_000);
  assertEquals(first.of(socket(1, 80), outbound).created, null);
  first.end();
  const second = history.look("n", "tcp", 95_000);
  // What was told once stays, whatever rounding says later.
  assertEquals(second.of({ ...socket(0, 443), closed: 25_004 }, never).created, 70_000);
  assertEquals(second.of({ ...socket(0, 80), closed: 1_000 }, never).created, null);
});
