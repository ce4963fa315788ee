import { assert, assertEquals, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { escapeCsvCell, escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";

/** What has been used against people who read logs, and what it must look like to them. */
const ATTACKS: Record<string, [text: string, shown: string]> = {
  "OSC 52, writes the clipboard": ["\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07"],
  "OSC 0, sets the title": ["\x1b]0;root@bank\x1b\\", "\\x1b]0;root@bank\\x1b\\"],
  "OSC 8, hides a link": ["\x1b]8;;http://evil/\x07ok", "\\x1b]8;;http://evil/\\x07ok"],
  "CSI, clears the screen": ["\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"],
  "CSI, hides text": ["a\x1b[8mb\x1b[0m", "a\\x1b[8mb\\x1b[0m"],
  "CSI, overwrites the line above": ["\x1b[1A\x1b[2Kclean", "\\x1b[1A\\x1b[2Kclean"],
  "8-bit CSI": ["\x9b2J", "\\x9b2J"],
  "8-bit OSC and ST": ["\x9d0;x\x9c", "\\x9d0;x\\x9c"],
  "DCS, answers into the input": ['\x1bP$q"p\x1b\\', '\\x1bP$q"p\\x1b\\'],
  "device status, answers into the input": ["\x1b[6n\x05", "\\x1b[6n\\x05"],
  "backspaces over what was shown": ["evil\b\b\b\bgood", "evil\\x08\\x08\\x08\\x08good"],
  "delete": ["a\x7f", "a\\x7f"],
  "carriage return over what was shown": ["evil\rgood", "evil\\rgood"],
  "line breaks that fake a line": ["a\nb\x0bc\x0cd\x85e", "a\\nb\\x0bc\\x0cd\\x85e"],
  "Unicode line breaks": ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  "right-to-left override": ["cod\u202etxt.exe", "cod\\u202etxt.exe"],
  "bidirectional isolates": ["\u2066a\u2069\u2067b\u2068", "\\u2066a\\u2069\\u2067b\\u2068"],
  "bidirectional marks": ["\u200ea\u200f\u061c", "\\u200ea\\u200f\\u061c"],
  "zero-width characters": ["ba\u200bsh\u200c\u200d\u2060", "ba\\u200bsh\\u200c\\u200d\\u2060"],
  "soft hyphen, byte order mark": ["a\xadb\ufeff", "a\\xadb\\ufeff"],
  "characters drawn as nothing": ["\u3164\u115f\u034f\u180e", "\\u3164\\u115f\\u034f\\u180e"],
  "tag characters": ["a\u{e0041}\u{e007f}", "a\\u{e0041}\\u{e007f}"],
  "variation selectors that carry bytes": ["a\u{e0100}\ufe01", "a\\u{e0100}\\ufe01"],
  "shift out, into line drawing": ["\x0eqqq\x0f", "\\x0eqqq\\x0f"],
  "NUL, bell": ["a\0\x07", "a\\x00\\x07"],
};

for (const [name, [text, shown]] of Object.entries(ATTACKS)) {
  Deno.test(`escapeTerminal() shows ${name}`, () => {
    assertEquals(escapeTerminal(text), shown);
  });
}

Deno.test("escapeTerminal() leaves ordinary text alone", () => {
  for (
    const text of [
      "/usr/bin/env -S sh -c 'echo \"$HOME\"'",
      "C:\\Windows\\System32",
      "Grüße, 日本語, العربية, עברית, Ελληνικά, हिन्दी",
      "❤️ 👍🏽 é e\u0301",
      "",
    ]
  ) assertEquals(escapeTerminal(text), text);
});

// deno-lint-ignore no-control-regex
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.array(fc.constantFrom(...Object.values(ATTACKS).map(([text]) => text), "=1", '"', ","))
    .map((parts) => parts.join("")),
);

Deno.test("no text comes out of an escape with anything active in it", () => {
  fc.assert(fc.property(anyText, (text) => {
    assertNotMatch(escapeTerminal(text), ACTIVE);
    assert(escapeTerminal(text).isWellFormed());
    assertNotMatch(escapeCsvCell(text), ACTIVE);
    assertNotMatch(escapeJson(text), ACTIVE);
  }));
});

Deno.test("escapeJson() says exactly what JSON.stringify() would", () => {
  fc.assert(fc.property(fc.jsonValue(), anyText, (value, text) => {
    const both = { value, [text]: text };
    assertEquals(JSON.parse(escapeJson(both)), JSON.parse(JSON.stringify(both)));
  }));
  assertEquals(escapeJson("\x9b\u202e\u{e0041}é"), '"\\u009b\\u202e\\udb40\\udc41é"');
});

Deno.test("escapeCsvCell() makes no formula", () => {
  for (
    const [text, cell] of [
      ['=HYPERLINK("http://evil")', '"\'=HYPERLINK(""http://evil"")"'],
      ["=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""],
      ["+1+1", '"\'+1+1"'],
      ["-2+3", '"\'-2+3"'],
      ["@SUM(A1)", '"\'@SUM(A1)"'],
      ["\t=1", '"\'\\t=1"'],
      ["\r=1", '"\'\\r=1"'],
      ["\n=1", '"\'\\n=1"'],
      [" =1", '"\' =1"'],
      ["\u00a0=1", '"\'\u00a0=1"'],
      ["＝1", '"\'＝1"'],
      ["-", '"\'-"'],
      ["a=1", "a=1"],
    ] as const
  ) assertEquals(escapeCsvCell(text), cell);
});

Deno.test("escapeCsvCell() keeps numbers numbers", () => {
  assertEquals([-5, 2n ** 60n, 1.5, -0.25, true, null].map(escapeCsvCell), [
    "-5",
    "1152921504606846976",
    "1.5",
    "-0.25",
    "true",
    "",
  ]);
  assertEquals(escapeCsvCell("-9223372036854775808"), "-9223372036854775808");
});

/** A reader after RFC 4180, as simple as it can be. */
function readCsvLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}

Deno.test("escapeCsvCell() gives one cell, which is the text escaped, whatever the text is", () => {
  fc.assert(fc.property(anyText, anyText, (left, right) => {
    const cells = readCsvLine([left, right].map(escapeCsvCell).join(","));
    assertEquals(
      cells.map((cell) => cell.replace(/^'/, "")),
      [left, right].map((text) => escapeTerminal(text).replace(/^'/, "")),
    );
    for (const cell of cells) {
      assert(!/^\s*[=+\-@]/.test(cell) || !Number.isNaN(Number(cell)), cell);
    }
  }));
});
