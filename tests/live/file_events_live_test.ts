import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { DEFAULT_PATHS } from "../../collectors/fsmond/paths.ts";
import { temporaryFolder } from "../cli/run_cli.ts";
import { testWith } from "../collectors/support.ts";
import { needs } from "./alerts.ts";
import { startAgent } from "./watching.ts";

testWith(
  needs,
  "the agent watches the places that a detection names, besides those that it watches anyway",
  async () => {
    const place = `/var/lib/daemoneye-bait-${Deno.pid}`;
    assertEquals(DEFAULT_PATHS.filter((path) => place.startsWith(path)), []);
    await using folder = await temporaryFolder();
    const rule = join(folder.path, "rule.sql");
    await Deno.writeTextFile(
      rule,
      `---
id: 00000000-0000-4000-8000-0000000000ac
title: A file was made where none should be
description: A detection of a test.
status: test
severity: low
platforms: [linux]
mode: events
identity: [file_path]
---
SELECT e.file_path, e.event_type FROM file_events e
WHERE e.file_path LIKE '${place}/%' AND e.event_type = 'create'
`,
    );
    await Deno.mkdir(place);
    try {
      await using agent = await startAgent([rule]);
      const bait = join(place, "bait");
      await Deno.writeTextFile(bait, "");
      await agent.until("the file is told of", () => agent.fired.length > 0);
      assertEquals(agent.fired.map(({ row }) => row.file_path), [bait]);
    } finally {
      await Deno.remove(place, { recursive: true });
    }
  },
);
