import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { escapeTerminal } from "../../../diagnostics/escape.ts";
import { SinkError } from "../../../sinks/mod.ts";
import { createSyslogSink } from "../../../sinks/syslog/mod.ts";
import { type Certificates, hasProgram, makeCertificates } from "../certificates.ts";
import { alertOf, ATTACKS, optionsOf, temporaryFolder } from "../support.ts";
import { startRawServer } from "../webhook/server.ts";
import { freePort, startRsyslog, until } from "./rsyslog.ts";

const ignore = !(await hasProgram("rsyslogd", "-v") && await hasProgram("openssl", "version"));
if (ignore) console.log("skipped: rsyslogd with its gnutls driver, or openssl, is not installed");

async function withRsyslog(
  use: (
    server: Awaited<ReturnType<typeof startRsyslog>>,
    folder: string,
    certificates: Certificates,
  ) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  const certificates = await makeCertificates(folder.path);
  await using server = await startRsyslog(folder.path, certificates);
  await use(server, folder.path, certificates);
}

for (const transport of ["unix", "udp", "tcp", "tls"] as const) {
  Deno.test(
    { name: `a real rsyslog understands what comes over ${transport}`, ignore },
    () =>
      withRsyslog(async (server, folder, { ca }) => {
        using sink = createSyslogSink(
          optionsOf({
            type: "syslog",
            address: server.addresses[transport],
            ...(transport === "tls" && { ca }),
          }),
          join(folder, "own.sock"),
        );
        assertEquals(await sink.healthCheck(), { healthy: true });
        const alerts = [
          alertOf({ id: "first", severity: "critical" }),
          ...ATTACKS.map((attack, at) =>
            alertOf({ id: `attack ${at}`, title: attack, host: attack, tags: [attack] })
          ),
          alertOf({ id: "long", title: "ä".repeat(20_000) }),
          alertOf({ id: "last" }),
        ];
        for (const alert of alerts) await sink.send(alert);
        const received = await server.received(alerts.length);
        assertEquals(received.length, alerts.length);
        const [first] = received;
        assertEquals(first!.pri, "26");
        assertEquals(first!.host, "host-a");
        assertEquals(first!.program, "daemoneye");
        assertEquals(first!.time.slice(0, 19), "2026-11-22T10:00:00");
        assertStringIncludes(first!.data, 'id="first"');
        assertEquals(first!.message, 'A title {"pid":4100,"name":"evil"}');
        for (const [at, attack] of ATTACKS.entries()) {
          const message = received[at + 1]!;
          assertStringIncludes(message.data, `id="attack ${at}"`);
          assert(message.message.trimStart().startsWith(escapeTerminal(attack).trim()));
        }
        assert(received.at(-2)!.message.endsWith(" bytes]"));
        assertStringIncludes(received.at(-1)!.data, 'id="last"');
      }),
  );
}

Deno.test(
  { name: "a real rsyslog understands the format of RFC 3164", ignore },
  () =>
    withRsyslog(async (server) => {
      using sink = createSyslogSink(
        optionsOf({ type: "syslog", address: server.addresses.tcp, format: "rfc3164" }),
        "",
      );
      await sink.send(alertOf({ id: "an-id", severity: "low" }));
      const [message] = await server.received(1);
      assertEquals([message!.pri, message!.host, message!.program], ["29", "host-a", "daemoneye"]);
      assertStringIncludes(message!.message, "low an-id");
    }),
);

Deno.test(
  { name: "a syslog server with a certificate of nobody is told nothing", ignore },
  () =>
    withRsyslog(async (server) => {
      using sink = createSyslogSink(
        optionsOf({ type: "syslog", address: server.addresses.tls }),
        "",
      );
      const error = await assertRejects(() => sink.send(alertOf()), SinkError, "certificate");
      assertEquals(error.fault, "unavailable");
      const { healthy } = await sink.healthCheck();
      assertEquals(healthy, false);
    }),
);

Deno.test({ name: "a syslog sink goes on when its server comes back", ignore }, async () => {
  await using folder = await temporaryFolder();
  const certificates = await makeCertificates(folder.path);
  const ports = [freePort(), freePort(), freePort()] as const;
  const own = join(folder.path, "own.sock");
  const addresses = {
    unix: `unix:${join(folder.path, "log.sock")}`,
    tcp: `tcp://127.0.0.1:${ports[1]}`,
    tls: `tls://localhost:${ports[2]}`,
  };
  const { ca } = certificates;
  const sinks = Object.values(addresses).map((address) =>
    createSyslogSink(optionsOf({ type: "syslog", address, ca }), own)
  );
  const down = async () => {
    for (const sink of sinks) {
      const error = await assertRejects(() => sink.send(alertOf()), SinkError);
      assertEquals(error.fault, "unavailable");
    }
  };
  await down();
  for (let round = 1; round <= 2; round++) {
    await Deno.remove(join(folder.path, "log.sock")).catch(() => {});
    await using server = await startRsyslog(folder.path, certificates, ports);
    for (const sink of sinks) await sink.send(alertOf({ id: `round ${round}` }));
    const messages = (await server.received(3 * round)).slice(-3);
    assert(messages.every(({ data }) => data.includes(`round ${round}`)));
  }
  await down();
  for (const sink of sinks) sink[Symbol.dispose]();
});

Deno.test("a syslog server that takes nothing is waited for no longer than the timeout", async () => {
  // Nobody accepts: the kernel's buffers fill, then writing waits.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using sink = createSyslogSink(
    optionsOf({
      type: "syslog",
      address: `tcp://127.0.0.1:${port}`,
      timeout: "200ms",
      max_size: "100MB",
    }),
    "",
  );
  const alert = alertOf({ title: "x".repeat(20_000_000) });
  await assertRejects(() => sink.send(alert), SinkError, "200 ms");
});

Deno.test("a message is not delivered where the server closes the connection on it", async () => {
  let connections = 0;
  let text = "";
  await using server = startRawServer(async (connection) => {
    if (++connections % 2 === 1) return connection.close();
    for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
      text += part;
    }
  });
  using sink = createSyslogSink(
    optionsOf({ type: "syslog", address: server.url.replace("http", "tcp") }),
    "",
  );
  for (const id of ["first", "second"]) {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await sink.send(alertOf({ id }));
        break;
      } catch (error) {
        assert(error instanceof SinkError && error.fault === "unavailable");
      }
    }
    await until(() => Promise.resolve(text.includes(`id="${id}"`)));
  }
  assertEquals(connections, 2);
});

Deno.test("a syslog sink takes one connection, also where it is asked how it is meanwhile", async () => {
  let connections = 0;
  let text = "";
  await using server = startRawServer(async (connection) => {
    connections++;
    for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
      text += part;
    }
  });
  using sink = createSyslogSink(
    optionsOf({ type: "syslog", address: server.url.replace("http", "tcp") }),
    "",
  );
  const [health] = await Promise.all([sink.healthCheck(), sink.send(alertOf({ id: "one" }))]);
  await sink.send(alertOf({ id: "two" }));
  await until(() => Promise.resolve(text.includes('id="two"')));
  assertEquals([health.healthy, connections, text.includes('id="one"')], [true, 1, true]);
});
