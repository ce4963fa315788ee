import { assert, assertEquals } from "@std/assert";
import { temporaryFolder } from "../cli/run_cli.ts";
import { readSome, succeeds } from "../collectors/netmond/live.ts";
import { testWith } from "../collectors/support.ts";
import { exists, filesOf, needs } from "./alerts.ts";
import { startAgent } from "./watching.ts";

const REGULAR = "93.184.216.34";
const IRREGULAR = "93.184.216.35";

/**
 * Two clients of a server, in a network of their own: one that connects each second, and one that connects as often, but
 * whenever it likes. Says so when the second has connected often enough to be judged.
 */
const CLIENTS = `
import socket, threading, time
def listen(address):
    server = socket.create_server((address, 443))
    while True:
        connection, _ = server.accept()
        connection.recv(1)
        connection.close()
def connect(address):
    socket.create_connection((address, 443)).close()
def regular():
    due = time.monotonic()
    while True:
        connect("${REGULAR}")
        due += 1
        time.sleep(max(0, due - time.monotonic()))
for address in ("${REGULAR}", "${IRREGULAR}"):
    threading.Thread(target=listen, args=(address,), daemon=True).start()
time.sleep(0.5)
threading.Thread(target=regular, daemon=True).start()
for pause in (0.6, 3, 0.7, 2.2, 0.6, 4, 0.8, 0.6, 3.1, 0.7, 1.9, 0.6, 2.7, 0.7, 3.6, 0.6):
    connect("${IRREGULAR}")
    time.sleep(pause)
print("done", flush=True)
time.sleep(600)
`;

testWith(
  {
    ...needs,
    "network namespaces": succeeds("unshare", "--net", "true"),
    python3: exists("python3"),
  },
  "an alert tells of a process that connects each second, and none of one that connects at odd times",
  async () => {
    await using folder = await temporaryFolder();
    const [shipped] = filesOf(["command-and-control/beacon"]);
    const text = (await Deno.readTextFile(shipped!)).replace("every: 1m", "every: 5s");
    const file = `${folder.path}/beacon.sql`;
    await Deno.writeTextFile(file, text);
    await using agent = await startAgent([file]);
    const addresses = [REGULAR, IRREGULAR].map((one) => `ip addr add ${one}/32 dev lo`);
    const clients = new Deno.Command("unshare", {
      args: [
        "--net",
        "sh",
        "-ec",
        ["ip link set lo up", ...addresses, 'exec python3 -c "$0"'].join("\n"),
        CLIENTS,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      assertEquals((await readSome(clients.stdout)).trim(), "done");
      const about = (address: string) =>
        agent.fired.filter(({ row }) => row.destination_ip === address);
      await agent.until("an alert of the beacon", () => about(REGULAR).length > 0);
      const [{ detection, row }] = about(REGULAR) as [ReturnType<typeof about>[number]];
      assertEquals([detection, row.destination_port], ["beacon", 443]);
      // Where the client has to wait for a processor, two of its connections may begin as one.
      assert(Number(row.seconds) >= 0.9 && Number(row.seconds) <= 1.3, Deno.inspect(row));
      assert(Number(row.connections) >= 12 && Number(row.regularity) >= 0.9, Deno.inspect(row));
      // The other one is judged by then, too: both are seen by the same scans.
      await agent.nextScans(2);
      assertEquals(about(IRREGULAR), []);
      assertEquals(about(REGULAR).length, 1);
    } finally {
      clients.kill("SIGKILL");
      await clients.status;
      await clients.stdout.cancel().catch(() => {});
    }
  },
);
