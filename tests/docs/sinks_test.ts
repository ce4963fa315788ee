import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { z } from "zod";
import { secretWarnings, sinkList, sinkOptions } from "../../sinks/mod.ts";
import { ROOT } from "../cli/run_cli.ts";

const page = await Deno.readTextFile(join(ROOT, "docs", "sinks.md"));

Deno.test("every configuration in docs/sinks.md is one, without warnings", () => {
  const snippets = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => parse(text!));
  for (const { sinks } of snippets) assertEquals(secretWarnings(sinkList.parse(sinks)), []);
  assert(snippets.length >= 2);
});

Deno.test("docs/sinks.md has a row for every option of every sink, and no other", () => {
  const schema = z.toJSONSchema(sinkOptions, { io: "input" });
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  const rows = new Map(
    page.split(/^## /m).slice(1).map((section) => [
      section.split("\n")[0]!,
      [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name!),
    ]),
  );
  const common = rows.get("Every sink")!;
  assertEquals(variants.length, 4);
  for (const { properties } of variants) {
    const type = String((properties!.type as { readonly const: string }).const);
    const own = Object.keys(properties!).filter((name) => !common.includes(name));
    assertEquals(rows.get(type)!.toSorted(), own.toSorted(), type);
    for (const name of common) assert(name in properties!, name);
  }
  assertStringIncludes(page, "32473");
});
