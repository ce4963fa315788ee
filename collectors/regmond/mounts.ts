import { statfsSync } from "node:fs";
import type { mounts } from "../../profiles/mounts.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure } from "../proc/files.ts";
import { parseMountInfo } from "../proc/mounts.ts";
import type { Host } from "./host.ts";

/** A row of `mounts`. */
export type MountRow = Omit<Row<typeof mounts, "linux">, "platform_data">;

/** The filesystems of process 1's mount namespace, which is the host's own: `/proc/1/mountinfo` (proc_pid_mountinfo(5)). */
export function* readMounts(host: Host, wanted: ReadonlySet<string>): Generator<Reading> {
  const bytes = host.proc.readPieces("1/mountinfo");
  if (bytes instanceof Failure) {
    throw new Error(`/proc/1/mountinfo cannot be read: ${bytes.reason}`);
  }
  const text = decode(bytes);
  const fields = new Map(
    text.split("\n").map((line) => {
      const parts = line.split(" ");
      return [Number(parts[0]), parts.slice(6, parts.indexOf("-", 6))];
    }),
  );
  for (const mount of parseMountInfo(text)) {
    const options = [...new Set([...mount.options, ...mount.super_options])];
    const space = wanted.has("total_bytes") || wanted.has("free_bytes")
      ? spaceOf(host, mount.mount_point, mount.filesystem)
      : undefined;
    const row: MountRow = {
      mount_id: mount.id,
      mount_point: mount.mount_point,
      source: mount.source === "none" ? null : mount.source,
      filesystem_type: mount.filesystem,
      root: mount.root,
      options: JSON.stringify(options),
      read_only: mount.options.includes("ro") || mount.super_options.includes("ro"),
      no_exec: mount.options.includes("noexec"),
      no_suid: mount.options.includes("nosuid"),
      propagation: propagationOf(fields.get(mount.id) ?? []),
      total_bytes: space?.total ?? null,
      free_bytes: space?.free ?? null,
    };
    yield { row };
  }
}

/** What the optional fields say (mount_namespaces(7)). */
function propagationOf(fields: readonly string[]): MountRow["propagation"] {
  if (fields.some((field) => field.startsWith("shared:"))) return "shared";
  if (fields.some((field) => field.startsWith("master:"))) return "slave";
  return fields.includes("unbindable") ? "unbindable" : "private";
}

/** Filesystems whose server may never answer. */
const REMOTE = /^(nfs|cifs|smb|fuse|9p|ceph|glusterfs|lustre|afs|autofs)/;

function spaceOf(
  host: Host,
  path: string,
  filesystem: string,
): { readonly total: number; readonly free: number } | undefined {
  const place = REMOTE.test(filesystem) ? undefined : host.locate(path);
  if (place === undefined) return undefined;
  try {
    const { bsize, blocks, bavail } = statfsSync(place);
    return { total: blocks * bsize, free: bavail * bsize };
  } catch {
    return undefined;
  }
}
