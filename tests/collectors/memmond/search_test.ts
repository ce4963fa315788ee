import { assert, assertEquals } from "@std/assert";
import type { Buffer } from "node:buffer";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { constantsOf, re2Finder } from "../../../collectors/memmond/custom.ts";
import { BUILT_IN, builtInFinder, confidenceOf } from "../../../collectors/memmond/patterns.ts";
import {
  createAllowance,
  type Finder,
  nativeFinder,
  searchRun,
} from "../../../collectors/memmond/search.ts";
import { digestOf, disclose, tellSecrets } from "../../../collectors/memmond/secrecy.ts";

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 1000);

const START = 0x7f00_0000_0000;
const free = { spend: () => undefined };

/** Memory that holds a text, in pieces of at most so many bytes. */
function memoryOf(text: string) {
  return {
    read(buffer: Buffer, address: number) {
      const part = text.slice(address - START, address - START + buffer.length);
      return buffer.write(part, "latin1");
    },
  };
}

function search(text: string, finders: readonly Finder[], window: number, overlap: number) {
  const state = { at: START };
  const run = { start: START, end: START + text.length };
  const found = [
    ...searchRun(memoryOf(text), run, finders, free, { window, overlap }, state),
  ].map(({ finder, text, address }) => [finders.indexOf(finder), address - START, text]);
  assertEquals(state.at, run.end);
  return found.sort((one, other) =>
    Number(one[0]) - Number(other[0]) || Number(one[1]) - Number(other[1])
  );
}

/** What each pattern finds in the whole. */
function searchWhole(text: string, patterns: readonly string[]) {
  return patterns.flatMap((pattern, index) => {
    const matcher = RE2JS.compile(pattern).matcher(text);
    const found = [];
    while (matcher.find()) {
      if (matcher.end() > matcher.start()) found.push([index, matcher.start(), matcher.group()]);
    }
    return found;
  });
}

Deno.test("searchRun() finds in windows what there is in the whole, wherever they end", () => {
  const patterns = ["ab+", "\\bb[a-c]{1,4}\\b", "c\\x00", "(?:aa|b)c", "^a", "a$", "x*"];
  const finders = [
    ...patterns.slice(0, 2).map((pattern) => nativeFinder(new RegExp(pattern, "g"))),
    ...patterns.slice(2).map((pattern) => re2Finder(pattern) as Finder),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", " ", "\0", "abbb", "aac"), { maxLength: 120 }),
      fc.integer({ min: 12, max: 40 }),
      (parts, window) => {
        const text = parts.join("");
        // Longer ones may be told as several: the overlap is what bounds them.
        fc.pre(!/ab{10}/.test(text));
        assertEquals(search(text, finders, window, 11), searchWhole(text, patterns));
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("a text at every place of a border between windows is found once", () => {
  const known = "https://border.example.org/x";
  const finder = builtInFinder(BUILT_IN.find(({ type }) => type === "url")!);
  for (let at = 0; at < 400; at++) {
    const text = " ".repeat(at) + known + " ".repeat(500 - at);
    assertEquals(search(text, [finder], 128, 64), [[0, at, known]], `${at}`);
  }
});

/** One text of each kind, with how sure it is and what is told of it. */
const SAMPLES: readonly (readonly [type: string, text: string, sure: number, told: string])[] = [
  [
    "crypto_key",
    `-----BEGIN RSA PRIVATE KEY-----\n${"QUJD".repeat(16)}\n${
      "QUJD".repeat(16)
    }\n-----END RSA PRIVATE KEY`,
    0.95,
    "-----BEGIN RSA PRIVATE KEY-----*** sha256:",
  ],
  [
    "crypto_key",
    `-----BEGIN EC PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\n${
      "QUJD".repeat(16)
    }\r\n-----END EC PRIVATE KEY`,
    0.95,
    "-----BEGIN EC PRIVATE KEY-----*** sha256:",
  ],
  [
    "crypto_key",
    `-----BEGIN PRIVATE KEY-----\\n${"QUJD".repeat(16)}\\n-----END PRIVATE KEY`,
    0.95,
    "-----BEGIN PRIVATE KEY-----*** sha256:",
  ],
  ["crypto_key", `AGE-SECRET-KEY-1${"Q".repeat(58)}`, 0.95, "AGE-SECRET-KEY-1*** sha256:"],
  ["url", "https://example.org/a", 0.8, "https://example.org/a"],
  ["url", "https://u:p@example.org/a?k=v#f", 0.8, "https://***@example.org/a?*** sha256:"],
  ["url", "https://u:p@ss@example.org/a", 0.8, "https://***@example.org/a sha256:"],
  ["url", "stratum+tcp://pool.example:3333", 0.8, "stratum+tcp://pool.example:3333"],
  ["email", "some.one@mail.example.org", 0.6, "***@mail.example.org sha256:"],
  ["ip", "203.0.113.255", 0.5, "203.0.113.255"],
  ["ip", "2001:db8:0:1:1:1:1:1", 0.5, "2001:db8:0:1:1:1:1:1"],
  ["ip", "2001:db8::7", 0.5, "2001:db8::7"],
  ["domain", "a-b.example.onion", 0.4, "a-b.example.onion"],
  ["wallet", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", 0.95, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"],
  ["wallet", "1BoatSLRHtKNngkdXEeobR76b53LETtpyU", 0.1, "1BoatSLRHtKNngkdXEeobR76b53LETtpyU"],
  ["wallet", `bc1q${"z".repeat(38)}`, 0.8, `bc1q${"z".repeat(38)}`],
  ["wallet", `4${"9".repeat(1)}${"a".repeat(93)}`, 0.8, `49${"a".repeat(93)}`],
  ["wallet", `0x${"0aF".repeat(13)}0`, 0.8, `0x${"0aF".repeat(13)}0`],
  ["token", "AKIAIOSFODNN7EXAMPLE", 0.95, "AKIA*** sha256:"],
  ["token", `ghp_${"a1".repeat(18)}`, 0.95, "ghp_*** sha256:"],
  ["token", "xoxb-1234567890-abc", 0.95, "xoxb-*** sha256:"],
  [
    "token",
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${"s".repeat(43)}`,
    0.8,
    "eyJ*** sha256:",
  ],
];

Deno.test("the patterns that are built in find each kind of text, and tell no secret", () => {
  for (const [type, text, sure, told] of SAMPLES) {
    const around = `\0\x01 ${text} \xff`;
    const found = BUILT_IN.filter((pattern) => pattern.type === type).flatMap((pattern) => {
      const match = builtInFinder(pattern).find(around, 0);
      return match ? [{ pattern, text: around.slice(match.start, match.end) }] : [];
    });
    assertEquals(found.map(({ text }) => text), [text], type);
    const { pattern } = found[0]!;
    assertEquals(confidenceOf(pattern, text), sure, text);
    const value = disclose(text, pattern.disclosure);
    assertEquals(value, told.endsWith(":") ? `${told}${digestOf(text)}` : told);
  }
});

Deno.test("what only looks like a secret is none", () => {
  for (
    const text of [
      "-----BEGIN %s-----",
      "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
      `-----BEGIN CERTIFICATE-----\n${"QUJD".repeat(30)}\n-----END CERTIFICATE-----`,
      "XAKIAIOSFODNN7EXAMPLE",
      "AKIAIOSFODNN7EXAMPLES",
      "eyJ.eyJ.x",
      "http://",
      "256.1.1.1",
      "1.2.3",
    ]
  ) {
    const types = BUILT_IN.filter((pattern) => builtInFinder(pattern).find(text, 0))
      .map(({ type }) => type);
    assertEquals(types, [], text);
  }
});

Deno.test("both engines understand the built-in patterns alike", () => {
  const pieces = SAMPLES.flatMap(([, text]) => [text, text.slice(0, 9), text.slice(7)]);
  const names = ["a.com", ".net", "com.", "a-", "x@", "@y.org", ".a.b.c.d.e", "b".repeat(60)];
  const piece = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...pieces, " ", "\0", "-", ".", "@", ":", "/", "\n"),
    fc.string({ unit: "binary-ascii", maxLength: 9 }),
    fc.array(fc.nat(255), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
  );
  const regexes = BUILT_IN.map(({ regex }) => regex);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      for (const [index, pattern] of BUILT_IN.entries()) {
        const finder = builtInFinder(pattern);
        const found = [];
        for (let at = 0, match; (match = finder.find(text, at)); at = match.end) {
          found.push([index, match.start, text.slice(match.start, match.end)]);
        }
        const expected = searchWhole(text, regexes.slice(index, index + 1))
          .map(([, start, text]) => [index, start, text]);
        assertEquals(found, expected, pattern.regex);
      }
    }),
    { numRuns: RUNS / 4 },
  );
});

Deno.test("no text makes the built-in patterns slow", () => {
  for (
    const unit of [
      "a",
      "a.",
      "a@",
      "1.",
      "1",
      "-----BEGIN ",
      "eyJ",
      "://",
      "a:",
      "-",
      "eyJaaaaaaaaa.",
    ]
  ) {
    const text = unit.repeat(300_000 / unit.length);
    for (const pattern of BUILT_IN) {
      const started = performance.now();
      const finder = builtInFinder(pattern);
      for (let at = 0, match; (match = finder.find(text, at)); at = match.end);
      const spent = performance.now() - started;
      assert(spent < 10_000, `${pattern.regex} on ${unit}: ${spent} ms`);
    }
  }
});

Deno.test("disclose() keeps two secrets apart and shows at most a quarter", () => {
  assertEquals(disclose("abcdefgh", { kind: "secret" }), `ab*** sha256:${digestOf("abcdefgh")}`);
  assertEquals(disclose("abc", { kind: "secret" }), `*** sha256:${digestOf("abc")}`);
  const long = disclose("x".repeat(5000), { kind: "plain" });
  assert(long.length <= 4096 && long.endsWith(digestOf("x".repeat(5000))));
});

Deno.test("disclose() tells all where the operator wants it, and of what is too long its hash", () => {
  const long = "x".repeat(5000);
  try {
    tellSecrets("whole");
    assertEquals(disclose("abcdefgh", { kind: "secret" }), "abcdefgh");
    assertEquals(disclose("a@b.example", { kind: "email" }), "a@b.example");
    assertEquals(disclose("https://u:p@h/?k", { kind: "url" }), "https://u:p@h/?k");
    assert(disclose(long, { kind: "secret" }).endsWith(digestOf(long)));
  } finally {
    tellSecrets(undefined);
  }
  assert(disclose("abcdefgh", { kind: "secret" }).startsWith("ab*** sha256:"));
});

Deno.test("re2Finder() refuses what is no pattern, and finds bytes", () => {
  assert("error" in re2Finder("(?=x)"));
  assert("error" in re2Finder("["));
  const finder = re2Finder("\\x{90}{3,}(?:\\x{cc}|\\xeb.)");
  assert("find" in finder);
  assertEquals(finder.find("a\x90\x90\x90\x90\xeb\xfe", 0), { start: 1, end: 7 });
  assertEquals(finder.find("a\x90\x90\xeb\xfe", 0), undefined);
});

Deno.test("constantsOf() takes what is asked for by name", () => {
  const column = "pattern_regex";
  assertEquals(
    [...constantsOf([
      {
        op: "or",
        of: [{ op: "=", column, value: "a" }, { op: "in", column, values: ["b", "a"] }],
      },
      { op: "not", of: { op: "=", column, value: "c" } },
      { op: "=", column: "pattern_value", value: "d" },
      { op: "like", column, pattern: "e%" },
    ], column)],
    ["a", "b"],
  );
});

Deno.test("createAllowance() ends with the bytes of a process, of the task, and with the time", () => {
  const task = { left: 100 };
  assertEquals(createAllowance(Infinity, task).spend(60), undefined);
  const other = createAllowance(Infinity, task);
  assertEquals([other.spend(60), other.spend(0)], ["budget", "budget"]);
  assertEquals(createAllowance(Infinity, { left: Infinity }).spend(2 ** 40), "budget");
  assertEquals(createAllowance(0, { left: 1 }).spend(1), "deadline");
});
