import { file_events } from "../../profiles/file_events.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Reading } from "../core/collector.ts";
import { attributes, nameColumns } from "../files/attributes.ts";
import type { Owners } from "../files/owners.ts";
import type { Mount } from "../proc/mounts.ts";
import type { Actors } from "./actors.ts";
import type { Happening } from "./happening.ts";
import { pathText } from "./path_text.ts";

/** What rows are made with besides what happened. */
export interface Surroundings {
  /** Tells this watching from all others, on this host and others. */
  readonly identity: string;
  /** Who did it. */
  readonly actors: Actors;
  /** Names of owners, as they are now. */
  owners(): Owners;
  /** What is mounted, now or a short while ago. */
  mounts(atMost?: number): readonly Mount[];
}

const COLUMNS = collectedColumns(file_events, "linux").map(({ name }) => name);

/** Columns that Linux has nothing for. */
const WINDOWS = {
  file_version: null,
  file_attributes: null,
  file_creation_time: null,
  file_last_write_time: null,
  file_last_access_time: null,
};

/** Makes the rows of what happened to files, one for each thing; none for what the toolkit does itself. */
export function createRows(
  project: readonly string[],
  { identity, actors, owners, mounts }: Surroundings,
): (happening: Happening) => Reading[] {
  const wanted = COLUMNS.filter((column) => project.includes(column));
  let count = 0;

  /** Devices that no mount has, as those of btrfs. */
  const strange = new Set<string>();
  const findMount = (path: string, device: string | undefined) => {
    const mount = mountOf(path, mounts());
    if (device === undefined || device === mount?.device || strange.has(device)) return mount;
    // It may have been mounted just now.
    const renewed = mounts(0);
    if (!renewed.some((one) => one.device === device)) strange.add(device);
    return mountOf(path, renewed);
  };

  const describe = (happening: Happening): Record<string, Cell | undefined> | undefined => {
    const actor = actors.of(happening);
    if (!actor) return undefined;
    const { path, old, at, stat, generation } = happening;
    const { text, bytes } = pathText(path);
    const mount = findMount(text, stat && deviceNumbers(stat.dev));
    return {
      ...WINDOWS,
      ...nameColumns(text),
      ...(stat && attributes(stat, owners())),
      ...actor,
      event_time: at,
      mount_point: mount?.mount_point ?? null,
      filesystem_type: mount?.filesystem ?? null,
      file_flags: stat?.flags,
      file_generation: generation,
      platform_data: metadata(old, bytes),
    };
  };

  return (happening) => {
    const described = describe(happening);
    if (!described) return [];
    return happening.types.map((type) => {
      const row: Record<string, Cell | undefined> = {
        ...described,
        event_id: `${identity}:${++count}`,
        event_type: type,
      };
      const gaps: Record<string, GapReason> = {};
      for (const column of wanted) {
        if (row[column] !== undefined) continue;
        // A deletion leaves nothing to be known.
        if (type === "delete" && !column.startsWith("process_") && column !== "executable_path") {
          row[column] = null;
        } else gaps[column] = "not_collected";
      }
      return { row, gaps };
    });
  };
}

/** What the columns do not hold: the path before a move, and paths that are no UTF-8 byte by byte, in hexadecimal. */
function metadata(old: string | undefined, bytes: string | undefined): string | null {
  if (old === undefined && bytes === undefined) return null;
  const before = old === undefined ? undefined : pathText(old);
  return JSON.stringify({
    ...(before && { old_path: before.text }),
    ...(before?.bytes !== undefined && { old_path_bytes: before.bytes }),
    ...(bytes !== undefined && { path_bytes: bytes }),
  });
}

/** The numbers of a device as `mountinfo` has them: the reverse of makedev(3). */
function deviceNumbers(device: bigint): string {
  const major = device >> 8n & 0xfffn | device >> 32n & ~0xfffn;
  const minor = device & 0xffn | device >> 12n & ~0xffn & 0xffff_ffffn;
  return `${major}:${minor}`;
}

/** The mount that a path lies on: of those that it lies below the deepest, and of those the one that hides the others. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const { mount_point } = mount;
    const isAbove = mount_point === "/" || path === mount_point ||
      path.startsWith(mount_point + "/");
    if (isAbove && mount_point.length >= (found?.mount_point.length ?? 0)) found = mount;
  }
  return found;
}
