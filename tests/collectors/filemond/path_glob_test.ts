import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { isCanonical, parsePathGlob } from "../../../collectors/files/path_glob.ts";

const sqlite = new DatabaseSync(":memory:").prepare("SELECT ? GLOB ? AS yes");
const sqliteGlob = (path: string, pattern: string) => sqlite.get(path, pattern)!.yes === 1;

const part = fc.constantFrom(
  "a",
  "b",
  "/",
  "[",
  "]",
  "^",
  "-",
  "é",
  "𝄞",
  "*",
  "?",
  "[ab]",
  "[^/]",
  "x.",
);
const pattern = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join("")}`);
const name = fc.array(fc.constantFrom("a", "b", "]", "é", "𝄞", "x.", "*"), {
  minLength: 1,
  maxLength: 3,
})
  .map((parts) => parts.join(""));
const path = fc.array(name, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);

Deno.test("parsePathGlob() matches what SQLite matches, below the folder that it begins with", () => {
  fc.assert(
    fc.property(pattern, path, (pattern, path) => {
      const glob = parsePathGlob(pattern);
      assertEquals(glob.matches(path), sqliteGlob(path, pattern));
      if (glob.matches(path) && isCanonical(path) && path !== "/") {
        assert(glob.base !== undefined);
        assert(glob.base === "/" || path.startsWith(`${glob.base}/`));
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parsePathGlob() never gives up a beginning that leads to a match", () => {
  fc.assert(
    fc.property(pattern, path, (pattern, path) => {
      const glob = parsePathGlob(pattern);
      if (!glob.matches(path)) return;
      const characters = [...path];
      for (let length = 0; length <= characters.length; length++) {
        assert(glob.leadsOn(characters.slice(0, length).join("")));
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parsePathGlob() gives up what leads nowhere", () => {
  const lead = (pattern: string, beginning: string) => parsePathGlob(pattern).leadsOn(beginning);
  assertEquals(lead("/usr/local/bin/?", "/usr/local/bin/a/"), false);
  assertEquals(lead("/home/*/.ssh", "/home/a/b/"), true);
  assertEquals(lead("/home/[ab]x/y*", "/home/cx/"), false);
  assertEquals(lead("/home/[ab]x/y*", "/home/ax/"), true);
  assertEquals(lead("/home/[ab", "/home/a/"), false);
});

Deno.test("parsePathGlob() begins nowhere without a constant, absolute folder", () => {
  for (const pattern of ["*", "etc/*", "[/]etc/*", "/etc/../x*", "//etc/*", "/./a*"]) {
    assertEquals(parsePathGlob(pattern).base, undefined, pattern);
  }
  assertEquals(parsePathGlob("/etc*").base, "/");
  assertEquals(parsePathGlob("/etc/cron.d/*").base, "/etc/cron.d");
});

Deno.test("isCanonical() is true of the one way in which rows have a path", () => {
  for (const path of ["/", "/a", "/a/b", "/a b/\n", "/..a/b..", "/a\\b"]) {
    assert(isCanonical(path), path);
  }
  for (const path of ["", "a", "./a", "//", "/a/", "/a//b", "/a/..", "/../a", "/a/.", "/a\0b"]) {
    assert(!isCanonical(path), path);
  }
});
