import { readFileSync } from "node:fs";
import { parseUsers } from "../procmond/host.ts";
import { decode } from "../proc/files.ts";

/** Names of the owners of files. */
export interface Owners {
  /** By user id. */
  readonly users: ReadonlyMap<number, string>;
  /** By group id. */
  readonly groups: ReadonlyMap<number, string>;
}

/** Files that {@linkcode readOwners} reads. */
export const OWNER_FILES: readonly string[] = ["/etc/passwd", "/etc/group"];

/** Reads names from passwd(5) and group(5), whose lines begin alike; what cannot be read has none. */
export function readOwners(): Owners {
  const [users, groups] = OWNER_FILES.map((path) => {
    try {
      return parseUsers(decode(readFileSync(path)));
    } catch {
      return new Map<number, string>();
    }
  });
  return { users: users!, groups: groups! };
}
