import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createHmac } from "node:crypto";
import { join } from "@std/path";
import type { Alert } from "../../../model/alert.ts";
import { SinkError } from "../../../sinks/mod.ts";
import { createWebhookSink } from "../../../sinks/webhook/mod.ts";
import { hasProgram, makeCertificates } from "../certificates.ts";
import { alertOf, ATTACKS, optionsOf, temporaryFolder } from "../support.ts";
import { freePort } from "../syslog/rsyslog.ts";
import { startRawServer, startServer } from "./server.ts";

const noOpenssl = !await hasProgram("openssl", "version");
if (noOpenssl) console.log("skipped: openssl is not installed, so no certificates can be made");

const sinkOf = (url: string, more: Record<string, unknown> = {}) =>
  createWebhookSink(optionsOf({ type: "webhook", url, timeout: "30s", ...more }));

/** Sends an alert that is not to arrive, and says what the sink says. */
async function failureOf(url: string, more: Record<string, unknown> = {}, alert?: Alert) {
  using sink = sinkOf(url, more);
  return await assertRejects(() => sink.send(alert ?? alertOf()), SinkError);
}

const ok = () => new Response("ok");

Deno.test("a webhook receives the alert, signed, with a key by which it can tell repetitions", async () => {
  await using server = startServer(ok);
  await using folder = await temporaryFolder();
  const file = join(folder.path, "token");
  await Deno.writeTextFile(file, "Token from a file\n");
  Deno.env.set("DAEMONEYE_TEST_SECRET", "shared secret");
  using sink = sinkOf(`${server.url}/hook/{token}`, {
    secret: { env: "DAEMONEYE_TEST_SECRET" },
    token: { file },
    headers: { "x-plain": "1", authorization: { file, prefix: "Bearer " } },
  });
  const before = Math.floor(Date.now() / 1000);
  for (const title of ATTACKS) await sink.send(alertOf({ title: title.toWellFormed() }));
  assertEquals(
    server.seen.map(({ body }) => JSON.parse(body).title),
    ATTACKS.map((title) => title.toWellFormed()),
  );
  const [{ method, path, headers, body }] = server.seen as [typeof server.seen[0]];
  assertEquals([method, path], ["POST", "/hook/Token%20from%20a%20file"]);
  assertEquals(headers.get("idempotency-key"), JSON.parse(body).id);
  assertEquals(headers.get("authorization"), "Bearer Token from a file");
  assertEquals(headers.get("x-plain"), "1");
  assertEquals(headers.get("content-type"), "application/json");
  const timestamp = headers.get("x-daemoneye-timestamp")!;
  assert(Number(timestamp) >= before);
  const signature = createHmac("sha256", "shared secret").update(`v1:${timestamp}:${body}`);
  assertEquals(headers.get("x-daemoneye-signature"), `v1=${signature.digest("hex")}`);
  await Deno.writeTextFile(file, "changed");
  await sink.send(alertOf());
  assertEquals(server.seen.at(-1)!.path, "/hook/changed");
});

Deno.test("a template is JSON that no host can change", async () => {
  await using server = startServer(ok);
  const template = {
    summary: "{{severity}}: {{title}} on {{host}}",
    pid: "{{alert_data.pid}}",
    row: "{{ alert_data }}",
    none: "{{alert_data.constructor}}",
    text: "{{alert_data.no}} {{tags}}",
    list: [1, true, null, "{{title}}"],
  };
  using sink = sinkOf(server.url, { template });
  for (const title of ['"}, "x": 1', "{{host}}", "\n\0$&"]) {
    await sink.send(alertOf({ title }));
    assertEquals(JSON.parse(server.seen.at(-1)!.body), {
      summary: `high: ${title} on host-a`,
      pid: 4100,
      row: { pid: 4100, name: "evil" },
      none: null,
      text: '? ["attack.execution"]',
      list: [1, true, null, title],
    });
  }
});

Deno.test("the Slack preset keeps Slack's limits, and hosts from mentioning and linking", async () => {
  await using server = startServer(ok);
  using sink = sinkOf(server.url, { preset: "slack" });
  for (const attack of [...ATTACKS, "<".repeat(9_000), "&🦊".repeat(2_000)]) {
    await sink.send(alertOf({ title: attack, host: attack, alert_data: { [attack]: attack } }));
    const message = JSON.parse(server.seen.at(-1)!.body);
    const texts: string[] = [message.text];
    for (const block of message.blocks) {
      for (const text of block.elements ?? [block.text]) {
        assertEquals([text.type, text.emoji], ["plain_text", false]);
        texts.push(text.text);
      }
    }
    assertEquals(texts.length, 4);
    for (const text of texts) {
      assert(text.length <= 3_000 && text.isWellFormed());
      assertMatch(text, /^([^<>&\p{Cc}]|&(amp|lt|gt);)+$/u, "no markup is left");
    }
    assert(message.blocks[0].text.text.length <= 150);
  }
});

Deno.test("an answer says whether the alert is refused or the server is unavailable", async () => {
  await using server = startServer(({ path }) => {
    const status = Number(path.slice(1));
    return new Response(status === 304 ? null : `said\n\x1b[2J ${"y".repeat(500)}`, { status });
  });
  for (
    const [status, fault] of [
      [400, "refused"],
      [413, "refused"],
      [422, "refused"],
      [401, "unavailable"],
      [404, "unavailable"],
      [408, "unavailable"],
      [429, "unavailable"],
      [500, "unavailable"],
      [503, "unavailable"],
      [304, "unavailable"],
    ] as const
  ) {
    const error = await failureOf(`${server.url}/${status}`);
    assertEquals([error.fault, error.retryAfter], [fault, undefined], String(status));
    assertMatch(error.message, new RegExp(`^${server.url}: the server answered ${status}`));
    assert(error.message.length < 300 && !error.message.includes("\x1b"));
  }
});

Deno.test("a webhook honours Retry-After, as seconds or as a date, within reason", async () => {
  const after = async (value: string) => {
    const headers = { "retry-after": value };
    await using server = startServer(() => new Response(null, { status: 429, headers }));
    return (await failureOf(server.url)).retryAfter;
  };
  assertEquals(await after("7"), 7_000);
  assertEquals(await after("999999999"), 3_600_000);
  const soon = (await after(new Date(Date.now() + 60_000).toUTCString()))!;
  assert(soon > 30_000 && soon <= 60_000);
  for (const odd of ["-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"]) {
    assertEquals(await after(odd), undefined, odd);
  }
});

Deno.test("redirects are followed within a server only, and not for ever", async () => {
  await using other = startServer(ok);
  await using server = startServer(({ path }) => {
    if (path === "/there") return ok();
    const location = path === "/same" ? "/there" : path === "/loop" ? "/loop" : `${other.url}/x`;
    return new Response(null, { status: path === "/gone" ? 303 : 307, headers: { location } });
  });
  using sink = sinkOf(`${server.url}/same`);
  await sink.send(alertOf());
  assertEquals(server.seen.map(({ method, path }) => [method, path]), [
    ["POST", "/same"],
    ["POST", "/there"],
  ]);
  assertEquals(server.seen[0]!.body, server.seen[1]!.body);
  assertMatch((await failureOf(`${server.url}/other`)).message, /redirects to another/);
  assertMatch((await failureOf(`${server.url}/loop`)).message, /circles/);
  assertMatch((await failureOf(`${server.url}/gone`)).message, /303/);
  assertEquals(other.seen, [], "another server was told nothing");
});

Deno.test("a server that fails in any way costs no more than the timeout, and nothing arrives by mistake", async () => {
  const write = (connection: Deno.TcpConn, text: string) =>
    connection.write(new TextEncoder().encode(text));
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
  const never = () => new Promise<void>(() => {});
  const ways: Readonly<Record<string, (connection: Deno.TcpConn) => Promise<unknown>>> = {
    "says nothing": never,
    "closes at once": (connection) => Promise.resolve(connection.close()),
    "closes after it has read": async (connection) => {
      await connection.read(new Uint8Array(100));
      connection.close();
    },
    "speaks something else": (connection) => write(connection, "SSH-2.0-OpenSSH_9.2\r\n"),
    "ends within the head": async (connection) => {
      await write(connection, "HTTP/1.1 200 O");
      connection.close();
    },
    "is slow, byte by byte": async (connection) => {
      for (const character of `HTTP/1.1 200 OK\r\nx: ${"y".repeat(1_000)}`) {
        await write(connection, character);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    "sends a head without end": async (connection) => {
      await write(connection, "HTTP/1.1 200 OK\r\n");
      for (;;) await write(connection, `x: ${"y".repeat(10_000)}\r\n`);
    },
    "answers 500 and hangs": async (connection) => {
      await write(connection, "HTTP/1.1 500 No\r\ncontent-length: 100\r\n\r\nhalf");
      await never();
    },
    "answers 500 without end": async (connection) => {
      await write(connection, "HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n");
      for (;;) await write(connection, `1000\r\n${"z".repeat(4_096)}\r\n`);
    },
  };
  for (const [way, serve] of Object.entries(ways)) {
    await using server = startRawServer(async (connection) => void await serve(connection));
    const error = await failureOf(server.url, { timeout: "500ms" });
    assertEquals(error.fault, "unavailable", way);
  }
  // The alert has arrived once the server says so, whatever becomes of the rest of its answer.
  await using half = startRawServer(async (connection) => {
    await connection.read(new Uint8Array(10_000));
    await write(connection, head);
    connection.close();
  });
  using sink = sinkOf(half.url);
  await sink.send(alertOf());
  assertMatch((await failureOf(`http://127.0.0.1:${freePort()}`)).message, /refused/);
});

Deno.test(
  { name: "a webhook trusts only certificates that it can check", ignore: noOpenssl },
  async () => {
    await using folder = await temporaryFolder();
    const { ca, certificate, key } = await makeCertificates(folder.path);
    const read = Deno.readTextFileSync;
    await using server = startServer(ok, { cert: read(certificate), key: read(key) });
    using sink = sinkOf(`${server.url}/hook`, { ca });
    await sink.send(alertOf());
    assertEquals(await sink.healthCheck(), { healthy: true });
    assertMatch((await failureOf(server.url)).message, /certificate/);
    const wrongName = server.url.replace("localhost", "127.0.0.2");
    assertMatch((await failureOf(wrongName, { ca })).message, /certificate|refused/);
    assertEquals(server.seen.filter(({ method }) => method === "POST").length, 1);
    const missing = await failureOf(server.url, { ca: join(folder.path, "no.pem") });
    assertEquals(missing.fault, "unavailable");
  },
);

Deno.test("a webhook goes through a proxy, with a password", async () => {
  await using proxy = startServer(ok);
  Deno.env.set("DAEMONEYE_TEST_PASSWORD", "of the proxy");
  using sink = sinkOf(`http://127.0.0.1:${freePort()}/hook`, {
    proxy: { url: proxy.url, username: "me", password: { env: "DAEMONEYE_TEST_PASSWORD" } },
  });
  await sink.send(alertOf());
  assertEquals(proxy.seen.length, 1);
  assertEquals(
    proxy.seen[0]!.headers.get("proxy-authorization"),
    `Basic ${btoa("me:of the proxy")}`,
  );
});

Deno.test("no failure tells a secret", async () => {
  const secrets = ['T0ken/with "quotes" & ümlauts', "Sh4red~secret", "hdr-5ecret", "pr0xy-secret"];
  const names = secrets.map((_, at) => `DAEMONEYE_TEST_LEAK_${at}`);
  secrets.forEach((secret, at) => Deno.env.set(names[at]!, secret));
  // What a server hears it says again, at every offset of the part that is read.
  let padding = 0;
  await using echo = startServer(({ path, headers, body }) =>
    new Response(
      "p".repeat(padding) + path + decodeURIComponent(path) +
        [...headers].join("\n") + JSON.stringify([...headers]) + body + secrets.join("\n"),
      { status: 500 },
    )
  );
  const more = {
    token: { env: names[0]! },
    secret: { env: names[1]! },
    headers: {
      "x-api-key": { env: names[2]! },
      authorization: { env: names[2]!, prefix: "Basic " },
    },
  };
  const failures: string[] = [];
  for (padding of [0, 150, 190, 4_000, 4_080, 4_090]) {
    failures.push((await failureOf(`${echo.url}/{token}`, more)).message);
  }
  const closed = `http://127.0.0.1:${freePort()}`;
  const proxy = { url: closed, username: "u", password: { env: names[3]! } };
  failures.push((await failureOf(`${closed}/{token}`, more)).message);
  failures.push((await failureOf(`${closed}/{token}`, { ...more, proxy })).message);
  failures.push(
    (await failureOf(`${closed}/x`, { headers: { cookie: "bad\nvalue" } })).message,
  );
  failures.push(
    (await failureOf(`${closed}/x`, { secret: { env: "DAEMONEYE_TEST_NONE" } })).message,
  );
  assert(failures[0]!.includes("***"));
  assertMatch(failures.at(-1)!, /DAEMONEYE_TEST_NONE is empty/);
  for (const failure of failures) {
    for (const secret of [...secrets, "bad\\nvalue", "bad\nvalue"]) {
      for (const form of [secret, encodeURIComponent(secret), btoa(encodeURIComponent(secret))]) {
        assert(!failure.includes(form), failure);
      }
      for (let start = 0; start + 6 <= secret.length; start++) {
        assert(!failure.includes(secret.slice(start, start + 6)), `a part of a secret: ${failure}`);
      }
    }
  }
});
