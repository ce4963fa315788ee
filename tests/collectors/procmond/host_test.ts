import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseUsers } from "../../../collectors/procmond/host.ts";

Deno.test("parseUsers() takes the first name of an id", () => {
  const text =
    "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\n\n# note\nbad\n+::::::\nnobody:x:65534:65534::/:/\n";
  assertEquals([...parseUsers(text)], [[0, "root"], [65534, "nobody"]]);
});

Deno.test("parseUsers() throws at nothing", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseUsers(text);
  }));
});
