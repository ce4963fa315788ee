import { assertEquals, assertRejects } from "@std/assert";
import { openTransport } from "../../../sinks/syslog/transport.ts";
import { type Certificates, hasProgram, makeCertificates } from "../certificates.ts";
import { temporaryFolder } from "../support.ts";
import { startRawServer } from "../webhook/server.ts";
import { until } from "./rsyslog.ts";

const ignore = !await hasProgram("openssl", "version");
if (ignore) console.log("skipped: openssl, which makes certificates, is not installed");

const message = new TextEncoder().encode("a message");

Deno.test("openTransport() asks for a datagram socket again where the system gave none", async () => {
  const server = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr as Deno.NetAddr;
  const listenDatagram = Deno.listenDatagram;
  Deno.listenDatagram = () => {
    throw new Error("no such family of addresses");
  };
  const transport = await (async () => {
    try {
      const opened = openTransport({ transport: "udp", hostname: "127.0.0.1", port }, {
        ca: undefined,
        ownSocket: "",
      });
      await assertRejects(() => opened.send(message, 1_000), Error, "no such family");
      await assertRejects(() => opened.connect(1_000), Error, "no such family");
      return opened;
    } finally {
      Deno.listenDatagram = listenDatagram;
    }
  })();
  await transport.send(message, 1_000);
  assertEquals((await server.receive())[0], message);
  transport.close();
  server.close();
});

Deno.test("openTransport() says why a unix socket has none of its own", async () => {
  const transport = openTransport({ transport: "unix", path: "/run/log" }, {
    ca: undefined,
    ownSocket: new Error("the disk is full"),
  });
  await assertRejects(() => transport.send(message, 1_000), Error, "the disk is full");
  await assertRejects(() => transport.connect(1_000), Error, "the disk is full");
  transport.close();
});

Deno.test("openTransport() closes each connection to a server that never begins with TLS", async () => {
  let taken = 0;
  let closed = 0;
  await using server = startRawServer(async (connection) => {
    taken++;
    const bytes = new Uint8Array(1024);
    while (await connection.read(bytes) !== null);
    closed++;
  });
  const { hostname, port } = new URL(server.url);
  const address = { transport: "tls", hostname, port: Number(port) } as const;
  const transport = openTransport(address, { ca: undefined, ownSocket: "" });
  for (let attempt = 0; attempt < 4; attempt++) {
    await assertRejects(() => transport.connect(100), Deno.errors.TimedOut);
  }
  await until(() => Promise.resolve(taken === 4 && closed === 4));
  transport.close();
});

/** Listens with TLS, and does to the first connection what it is told. */
async function listenTls(
  { certificate, key }: Certificates,
  serve: (connection: Deno.TlsConn) => Promise<void>,
): Promise<{ readonly port: number; readonly served: Promise<void> }> {
  const listener = Deno.listenTls({
    hostname: "0.0.0.0",
    port: 0,
    cert: await Deno.readTextFile(certificate),
    key: await Deno.readTextFile(key),
  });
  const served = (async () => {
    using connection = await listener.accept();
    listener.close();
    await serve(connection);
  })();
  return { port: listener.addr.port, served };
}

Deno.test({
  name: "openTransport() tells nothing to a server whose certificate is for another name",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const certificates = await makeCertificates(folder.path);
  let told: number | null = 0;
  const { port, served } = await listenTls(certificates, async (connection) => {
    told = await connection.read(new Uint8Array(1024)).catch(() => null);
  });
  const address = { transport: "tls", hostname: "127.0.0.2", port } as const;
  const transport = openTransport(address, { ca: certificates.ca, ownSocket: "" });
  await assertRejects(() => transport.send(message, 5_000), Error, "certificate");
  await served;
  assertEquals(told, null);
});

Deno.test({
  name: "openTransport() closes a connection with TLS on which the server takes nothing",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const certificates = await makeCertificates(folder.path);
  const late = Promise.withResolvers<void>();
  const { port, served } = await listenTls(certificates, async (connection) => {
    await connection.handshake();
    await late.promise;
    const bytes = new Uint8Array(1 << 16);
    try {
      while (await connection.read(bytes) !== null);
    } catch {
      // It ends without a word.
    }
  });
  const address = { transport: "tls", hostname: "localhost", port } as const;
  const transport = openTransport(address, { ca: certificates.ca, ownSocket: "" });
  const long = new Uint8Array(50_000_000);
  await assertRejects(() => transport.send(long, 1_000), Deno.errors.TimedOut);
  late.resolve();
  await served;
});
