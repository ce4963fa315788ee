import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { parseAddress } from "../../../sinks/syslog/address.ts";
import { type MessageOptions, syslogMessage } from "../../../sinks/syslog/message.ts";
import { alertOf, ATTACKS } from "../support.ts";

const OPTIONS: MessageOptions = {
  format: "rfc5424",
  facility: "daemon",
  message: "text",
  maxSize: 8_192,
};

const text = (alert: Parameters<typeof syslogMessage>[0], more: Partial<MessageOptions> = {}) =>
  new TextDecoder("utf-8", { fatal: true }).decode(syslogMessage(alert, { ...OPTIONS, ...more }));

Deno.test("syslogMessage() writes what RFC 5424 describes", () => {
  const alert = alertOf({ id: "an-id", tags: ['a"b]c\\d'] });
  assertEquals(
    text(alert),
    "<27>1 2026-11-22T10:00:00.000Z host-a daemoneye - alert " +
      '[alert@32473 id="an-id" rule_id="3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11" severity="high" ' +
      'scan_id="1" tags="a\\"b\\]c\\\\d"] A title {"pid":4100,"name":"evil"}',
  );
  const json = text(alert, { message: "json", facility: "local7" });
  assert(json.startsWith("<187>1 "));
  assertEquals(JSON.parse(json.slice(json.indexOf("] {") + 2)), alert);
  const severities = ["critical", "high", "medium", "low", "informational"] as const;
  assertEquals(
    severities.map((severity) => text(alertOf({ severity })).match(/^<(\d+)>/)![1]),
    ["26", "27", "28", "29", "30"],
  );
});

Deno.test("syslogMessage() writes what RFC 3164 describes", () => {
  const alert_time = new Date(2026, 0, 5, 7, 8, 9).getTime();
  assertEquals(
    text(alertOf({ id: "an-id", alert_time, host: "a b" }), { format: "rfc3164" }),
    "<27>Jan  5 07:08:09 a?b daemoneye: high an-id 3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11 " +
      'A title {"pid":4100,"name":"evil"}',
  );
});

Deno.test("syslogMessage() lets no host forge a message, whatever it says", () => {
  const hostile = fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: "binary" }));
  fc.assert(fc.property(
    hostile,
    fc.constantFrom("rfc5424" as const, "rfc3164" as const),
    fc.constantFrom("text" as const, "json" as const),
    (attack, format, message) => {
      const alert = alertOf({
        title: attack,
        host: attack,
        tags: [attack],
        alert_data: { [attack]: attack },
      });
      const written = text(alert, { format, message });
      assertNotMatch(written, /\p{Cc}/u);
      if (format === "rfc3164") return;
      const parameter = String.raw`[a-z_]+="(?:[^"\\\]]|\\["\\\]])*"`;
      assertMatch(
        written,
        new RegExp(
          String
            .raw`^<27>1 \S+ [\x21-\x7e]{1,255} daemoneye - alert \[alert@32473(?: ${parameter}){5}\] `,
        ),
      );
    },
  ));
});

Deno.test("syslogMessage() cuts between characters, and says so", () => {
  const alert = alertOf({ title: "ä🦊".repeat(3_000), tags: ["t".repeat(9_000)] });
  for (let maxSize = 700; maxSize < 712; maxSize++) {
    const bytes = syslogMessage(alert, { ...OPTIONS, maxSize });
    assert(bytes.length <= maxSize && bytes.length > maxSize - 4);
    assertMatch(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      / \[cut from \d+ bytes\]$/,
    );
  }
});

Deno.test("parseAddress() reads addresses, and says what is wrong with others", () => {
  assertEquals(parseAddress("unix:/run/systemd/journal/dev-log"), {
    transport: "unix",
    path: "/run/systemd/journal/dev-log",
  });
  const at = (transport: string, hostname: string, port: number) => ({ transport, hostname, port });
  assertEquals(parseAddress("udp://10.0.0.1"), at("udp", "10.0.0.1", 514) as never);
  assertEquals(parseAddress("tls://logs.example:7000"), at("tls", "logs.example", 7000) as never);
  assertEquals(parseAddress("tcp://[::1]:7"), at("tcp", "::1", 7) as never);
  for (const wrong of ["unix:log", "tcp://", "tcp://a:0", "tcp://a:70000", "http://a", "a,b", ""]) {
    assert(typeof parseAddress(wrong) === "string", wrong);
  }
  assertMatch(String(parseAddress("unix:/dev/log")), /systemd\/journal\/dev-log/);
});
