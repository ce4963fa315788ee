import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { createContentCache } from "../files/content_cache.ts";
import { readOwners } from "../files/owners.ts";
import type { Contents } from "./contents.ts";
import { openHostFiles } from "./host_files.ts";
import { openLibrary } from "./library.ts";
import { filemond } from "./mod.ts";
import { readMounts } from "./mounts.ts";
import { createRowMaker } from "./row.ts";
import { findFiles } from "./walk.ts";

/** What was made of contents, for ten minutes. */
const cache = createContentCache<Contents>({ entries: 20_000, ttl: 600_000 });

async function* collect(
  { keys, project }: TaskMessage,
  { libc, filesRoot, deadline, partial = () => {} }: CollectorContext,
): AsyncIterable<Reading> {
  if (libc === undefined) throw new Error("the C library was not found");
  if (filesRoot === undefined) throw new Error("it sees no files");
  if (!keys) throw new Error("it was not told which files");
  using files = openHostFiles(openLibrary(libc), filesRoot);
  const toRow = createRowMaker(files, {
    project,
    deadline,
    owners: readOwners(),
    mounts: readMounts(files, filesRoot),
    cache,
  });
  for (const found of findFiles(files, keys, deadline, partial)) {
    const reading = await toRow(found);
    if (reading) yield reading;
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...filemond, collect }));
