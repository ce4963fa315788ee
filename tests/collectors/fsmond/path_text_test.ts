import { assertEquals } from "@std/assert";
import { bytesOf, pathText } from "../../../collectors/fsmond/path_text.ts";

Deno.test("pathText() has what is UTF-8 as text, and else the bytes, too", () => {
  for (const path of ["/a", "/a\nb", "/ü/€/😀", "/\ufeff"]) {
    assertEquals(pathText(bytesOf(path)), { text: path });
  }
  assertEquals(pathText("/a\xff"), { text: "/a\ufffd", bytes: "2f61ff" });
});
