import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decode } from "../../../collectors/proc/files.ts";
import { parseArguments, parseEnvironment } from "../../../collectors/procmond/strings.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("parseArguments() reads arguments one by one and together", () => {
  assertEquals(parseArguments(bytes("/usr/sbin/sshd\0-D\0-o\0a b\0")), {
    command_line: "/usr/sbin/sshd -D -o a b",
    json: '["/usr/sbin/sshd","-D","-o","a b"]',
  });
  assertEquals(JSON.parse(parseArguments(bytes("sh\0\0-c\0")).json), ["sh", "", "-c"]);
});

Deno.test("parseArguments() reads what a program has made of its arguments", () => {
  assertEquals(parseArguments(bytes("sshd: root@pts/0\0\0\0\0")).command_line, "sshd: root@pts/0");
  assertEquals(parseArguments(bytes("nginx: worker process")).json, '["nginx: worker process"]');
  assertEquals(parseArguments(bytes("")), { command_line: "", json: "[]" });
  assertEquals(parseArguments(bytes("\0\0")), { command_line: "", json: "[]" });
});

Deno.test("parseArguments() shows invalid bytes, and keeps a byte order mark", () => {
  const invalid = Uint8Array.of(0x61, 0xff, 0, 0xc3, 0, 0xef, 0xbb, 0xbf, 0x62);
  assertEquals(parseArguments(invalid).command_line, "a\ufffd \ufffd \ufeffb");
});

Deno.test("parseEnvironment() takes the first of duplicates and leaves out what is no assignment", () => {
  const text = "A=1\0B=x=y\0A=2\0nothing\0=odd\0EMPTY=\0";
  assertEquals(JSON.parse(parseEnvironment(text)), { A: "1", B: "x=y", EMPTY: "" });
  assertEquals(parseEnvironment(""), "{}");
});

Deno.test("parseEnvironment() takes any name for a name", () => {
  const text = "__proto__=1\0constructor=2\0hasOwnProperty=3\0toString=4\0" + "7=x\0a\nb=c\0";
  assertEquals(
    Object.entries(JSON.parse(parseEnvironment(text))).sort(),
    [["7", "x"], ["__proto__", "1"], ["a\nb", "c"], ["constructor", "2"], ["hasOwnProperty", "3"], [
      "toString",
      "4",
    ]],
  );
});

Deno.test("parseArguments() and parseEnvironment() read any bytes into JSON that says the same", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
    const { json, command_line } = parseArguments(any);
    assertEquals(JSON.parse(json).join(" "), command_line);
    assertEquals(typeof JSON.parse(parseEnvironment(decode(any))), "object");
  }));
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }).map((one) => one.replaceAll("\0", "x"))),
      (all) => {
        const { json } = parseArguments(bytes(all.map((one) => one + "\0").join("")));
        assertEquals(JSON.parse(json), all.map((one) => one.toWellFormed()));
      },
    ),
  );
});
