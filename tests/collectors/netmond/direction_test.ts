import { assertEquals } from "@std/assert";
import { createDoors } from "../../../collectors/netmond/direction.ts";
import type { Socket } from "../../../collectors/netmond/sockets.ts";

function socket(told: Partial<Socket>): Socket {
  return {
    protocol: "tcp",
    family: "inet",
    socket_type: "stream",
    local_address: "192.0.2.1",
    local_port: 22,
    remote_address: null,
    remote_port: null,
    state: null,
    inode: 1,
    uid: 0,
    flags: null,
    receive_queue: 0,
    send_queue: 0,
    platform_data: null,
    ...told,
  };
}

const listener = (told: Partial<Socket>) => socket({ state: "listening", ...told });
const connection = (told: Partial<Socket>) =>
  socket({ state: "established", remote_address: "203.0.113.7", remote_port: 5, ...told });

Deno.test("createDoors() takes connections to a listening port for inbound ones", () => {
  const doors = createDoors();
  doors.add(listener({ local_address: "0.0.0.0", local_port: 22 }));
  doors.add(listener({ local_address: "192.0.2.1", local_port: 80 }));
  doors.add(listener({ local_address: "::", local_port: 443 }));
  doors.add(listener({ local_address: "::1", local_port: 631 }));
  for (
    const [told, direction] of [
      [{ local_port: 22 }, "inbound"],
      [{ local_port: 80 }, "inbound"],
      [{ local_port: 80, local_address: "198.51.100.1" }, "outbound"],
      [{ local_port: 443 }, "inbound"],
      [{ local_port: 443, local_address: "2001:db8::1" }, "inbound"],
      [{ local_port: 22, local_address: "2001:db8::1" }, "outbound"],
      [{ local_port: 631, local_address: "::1" }, "inbound"],
      [{ local_port: 50_000 }, "outbound"],
      [{ local_port: 22, protocol: "udp" }, "outbound"],
      [{ local_port: 22, state: "syn_sent" }, "outbound"],
      [{ local_port: 50_000, state: "syn_received" }, "inbound"],
      [{ local_port: 22, state: "time_wait" }, "inbound"],
    ] as const
  ) assertEquals(doors.directionOf(connection(told)), direction, JSON.stringify(told));
  assertEquals(doors.directionOf(listener({})), null);
});

Deno.test("createDoors() takes a bound UDP socket without a peer for a door", () => {
  const doors = createDoors();
  doors.add(socket({ protocol: "udp", local_address: "0.0.0.0", local_port: 53 }));
  const answer = connection({ protocol: "udp", local_port: 53 });
  assertEquals(doors.directionOf(answer), "inbound");
  assertEquals(doors.directionOf({ ...answer, local_port: 5353 }), "outbound");
});

Deno.test("createDoors() tells the side of a unix socket that was accepted", () => {
  const doors = createDoors();
  const unix = { protocol: "unix", local_port: null, state: "established" } as const;
  doors.add(socket({ ...unix, local_address: "/run/a", state: "listening" }));
  assertEquals(doors.directionOf(socket({ ...unix, local_address: "/run/a" })), "inbound");
  assertEquals(doors.directionOf(socket({ ...unix, local_address: "/run/b" })), null);
  assertEquals(doors.directionOf(socket({ ...unix, local_address: null })), null);
});
