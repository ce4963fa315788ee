// Reads the tables as an ordinary user and prints the rows; network_user_live_test.ts starts it.
import { createConnections } from "../../../collectors/netmond/connections.ts";
import { createInterfaces } from "../../../collectors/netmond/interfaces.ts";

const project = Deno.args;
using _own = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const connections = createConnections("/proc");
const interfaces = createInterfaces({ procRoot: "/proc", sysRoot: "/sys" });
const deadline = performance.now() + 60_000;
console.log(JSON.stringify({
  pid: Deno.pid,
  connections: [...connections({ project }, { deadline })],
  interfaces: [...interfaces({ project }, { deadline })],
}));
