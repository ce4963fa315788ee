import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { readGroups, readUsers } from "./accounts.ts";
import { type Host, openHost, unreadInWords } from "./host.ts";
import { readLogins } from "./logins.ts";
import { regmond } from "./mod.ts";
import { readModules } from "./modules.ts";
import { readMounts } from "./mounts.ts";
import { readPackages } from "./packages.ts";
import { readPersistence } from "./persistence/mod.ts";

/** How each table is read. */
const READERS: Readonly<
  Record<
    string,
    (host: Host, wanted: ReadonlySet<string>, note: (reason: string) => void) => Iterable<Reading>
  >
> = {
  users: readUsers,
  groups: readGroups,
  logins: readLogins,
  kernel_modules: readModules,
  mounts: readMounts,
  packages: (host, _, note) => readPackages(host, note),
  persistence_items: readPersistence,
};

function* collect(
  { table, project }: TaskMessage,
  { filesRoot = "/", procRoot, sysRoot, partial }: CollectorContext,
): Iterable<Reading> {
  const host = openHost(filesRoot, procRoot, sysRoot);
  const notes: string[] = [];
  yield* READERS[table]!(host, new Set(project), (reason) => notes.push(reason));
  const unread = unreadInWords(host);
  if (unread !== undefined) notes.push(unread);
  if (notes.length > 0) partial?.(notes.join("; "));
}

if (import.meta.main) await runCollector(defineCollector({ ...regmond, collect }));
