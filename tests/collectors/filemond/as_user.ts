// Looks at files as an ordinary user and prints what it finds; user_test.ts starts it with the keys as JSON.
import { createContentCache } from "../../../collectors/files/content_cache.ts";
import { readOwners } from "../../../collectors/files/owners.ts";
import { readMounts } from "../../../collectors/filemond/mounts.ts";
import { createRowMaker } from "../../../collectors/filemond/row.ts";
import { findFiles } from "../../../collectors/filemond/walk.ts";
import { openHere } from "./host.ts";

using files = openHere();
const missing: string[] = [];
const toRow = createRowMaker(files, {
  project: ["file_path", "file_size", "permissions", "owner_user", "sha256_hash", "acl_entries"],
  deadline: Infinity,
  owners: readOwners(),
  mounts: readMounts(files, "/"),
  cache: createContentCache({ entries: 10, ttl: 1000 }),
});
const readings = [];
const keys = JSON.parse(Deno.args[0]!);
for (const found of findFiles(files, keys, Infinity, (why) => missing.push(why))) {
  readings.push(await toRow(found));
}
console.log(JSON.stringify({ readings, missing }));
