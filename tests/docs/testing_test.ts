import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { repositoryConfig } from "../../cli/init/config.ts";
import { ROOT, temporaryFolder } from "../cli/run_cli.ts";
import { fits, follow } from "./walkthrough.ts";

const ignore = Deno.build.os !== "linux";
if (ignore) console.log("skipped: the page records and scans a Linux host");

Deno.test({ name: "docs/testing.md does what it says, line by line", ignore }, async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "deno.json"), repositoryConfig(ROOT));
  const differences: string[] = [];
  const document = await Deno.readTextFile(join(ROOT, "docs", "testing.md"));
  // What runs there is looked for on the whole host, where somebody else may be testing as well.
  const hidden = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "d-" });
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(hidden, { recursive: true }) };
  const { files, commands } = await follow(document.replaceAll("/var/tmp/", `${hidden}/`), {
    folder: folder.path,
    onDifference({ line, command }, actual) {
      differences.push(`docs/testing.md:${line}: $ ${command}\n${actual}`);
    },
  });
  assertEquals(differences, [], differences.join("\n"));
  assert(files > 10 && commands > 20);
});

Deno.test("fits() takes times and ids as they come, and nothing else", () => {
  assert(fits("a\n", "a\n"));
  assert(!fits("a\n", "b\n") && !fits("", "a\n") && !fits("a\n", ""));
  assert(fits("in 1.5 s at 2026-11-22T05:43:19.171Z", "in 12 ms at 2027-01-01T00:00:00Z"));
  assert(!fits("in 1.5 s", "at 1.5 s"));
  assert(fits("a\n…\nb\n", "a\nb\n") && fits("a\n…\nb\n", "a\nx\ny\nb\n"));
  assert(!fits("a\n…\nb\n", "a\nx\n"));
  assert(fits("1 of … rows\n", "1 of 7 rows\n") && !fits("1 of … rows\n", "2 of 7 rows\n"));
});
