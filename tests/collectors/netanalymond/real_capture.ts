import { dns, labels } from "./crafted.ts";

/**
 * Where servers listen that are not told otherwise: at this port and the hundred after it. Tests that run side by side
 * take different ones, all below those that the kernel hands out.
 */
export const PORTS = 21_000;

/** Versions of TLS, as openssl asks for them, with their names. */
export const TLS_VERSIONS = {
  tls1: "TLSv1.0",
  tls1_1: "TLSv1.1",
  tls1_2: "TLSv1.2",
  tls1_3: "TLSv1.3",
} as const;

/** Whether a program is there. */
export async function hasProgram(name: string, argument = "--version"): Promise<boolean> {
  try {
    await new Deno.Command(name, { args: [argument], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end; what it writes. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(20_000),
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Captures on loopback by tcpdump while something happens; the file that it wrote. */
export async function captureWhile(file: string, act: () => Promise<void>): Promise<Uint8Array> {
  const tcpdump = new Deno.Command("tcpdump", {
    args: [
      "-i",
      "lo",
      "-n",
      "-U",
      "--immediate-mode",
      "-Z",
      "root",
      "-w",
      file,
      `portrange ${PORTS}-${PORTS + 99}`,
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = tcpdump.stderr.getReader();
  let said = "";
  while (!said.includes("listening on")) {
    const { value, done } = await errors.read();
    if (done) throw new Error(said);
    said += new TextDecoder().decode(value);
  }
  try {
    await act();
    await sendLast(file);
  } finally {
    tcpdump.kill("SIGINT");
    while (!(await errors.read()).done);
    await tcpdump.status;
  }
  return await Deno.readFile(file);
}

/** What is sent when all else was: tcpdump writes in the order in which packets come. */
const LAST = "that was all";

/** Waits until all that was sent is in a capture. */
async function sendLast(file: string): Promise<void> {
  const socket = Deno.listenDatagram({ port: 0, hostname: "127.0.0.1", transport: "udp" });
  const to = { port: PORTS + 99, hostname: "127.0.0.1", transport: "udp" } as const;
  for (let tries = 0; !(await Deno.readTextFile(file)).includes(LAST); tries++) {
    if (tries === 1000) throw new Error("tcpdump does not write what is sent");
    await socket.send(new TextEncoder().encode(LAST), to);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  socket.close();
}

/** Asks a resolver made here for names, over UDP; it answers after so many ms. */
export async function askNames(
  names: readonly string[],
  after = 0,
  ports = PORTS,
): Promise<void> {
  const server = Deno.listenDatagram({ port: ports + 53, hostname: "127.0.0.1", transport: "udp" });
  const client = Deno.listenDatagram({ port: 0, hostname: "127.0.0.1", transport: "udp" });
  for (const [index, name] of names.entries()) {
    const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, index];
    const id = index + 1;
    await client.send(Uint8Array.from(dns(labels(name), { id })), server.addr);
    const [, from] = await server.receive();
    await new Promise((resolve) => setTimeout(resolve, after));
    await server.send(
      Uint8Array.from(dns(labels(name), { id, answer: true, answers: [answer] })),
      from,
    );
    await client.receive();
  }
  server.close();
  client.close();
}

/** Fetches pages from a server made here. */
export async function fetchPages(ports = PORTS): Promise<void> {
  const stop = new AbortController();
  const server = Deno.serve(
    { port: ports + 80, hostname: "127.0.0.1", signal: stop.signal, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/none") return new Response(null, { status: 204 });
      const headers = { server: "tester/1", "content-type": "text/plain" };
      const status = pathname === "/missing" ? 404 : 200;
      return new Response("x".repeat(200_000), { headers, status });
    },
  );
  const base = `http://127.0.0.1:${ports + 80}`;
  await run("curl", "-s", `${base}/a?b=c`, `${base}/none`, `${base}/missing`, "-o", "/dev/null");
  await run("curl", "-s", "-I", `${base}/head`);
  await run("curl", "-s", "-d", "k=v", "-A", "agent/9", `${base}/post`, "-o", "/dev/null");
  stop.abort();
  await server.finished;
}

/** Makes a certificate and connects by each version of TLS to a server made here. */
export async function shakeHands(folder: string, ports = PORTS): Promise<void> {
  const [key, certificate] = [`${folder}/key.pem`, `${folder}/certificate.pem`];
  const subject = "/C=DE/O=Tester/CN=issuer.example";
  // deno-fmt-ignore
  await run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
    certificate, "-days", "2", "-subj", subject);
  for (const [index, version] of Object.keys(TLS_VERSIONS).entries()) {
    const port = ports + 10 + index;
    const weak = ["-cipher", "ALL:@SECLEVEL=0"];
    const server = new Deno.Command("openssl", {
      // deno-fmt-ignore
      args: ["s_server", "-accept", `127.0.0.1:${port}`, "-key", key, "-cert", certificate,
        `-${version}`, ...weak],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = server.stdout.getReader();
    for (let said = ""; !said.includes("ACCEPT");) {
      const { value, done } = await output.read();
      if (done) throw new Error(`openssl s_server -${version} does not run`);
      said += new TextDecoder().decode(value);
    }
    // deno-fmt-ignore
    await run("openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-servername",
      `${version.replaceAll("_", "-")}.example`, `-${version}`, ...weak);
    server.kill("SIGKILL");
    await Promise.all([server.status, server.stdin.close().catch(() => {})]);
    await output.cancel();
  }
}
