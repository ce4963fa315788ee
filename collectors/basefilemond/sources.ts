import { file_metadata } from "../../profiles/file_metadata.ts";
import { collectedColumns, METADATA_COLUMNS } from "../../schema/columns.ts";
import type { ColumnSource } from "../../schema/sources.ts";
import { PLATFORM_NAMES } from "../../schema/types.ts";
import { FILE_COLUMNS, UNIX_COLUMNS } from "./columns.ts";

const MADE: Readonly<Record<string, ColumnSource>> = {
  file_path: "as it was asked for, or found",
  file_name: "the path",
  directory: "the path",
  file_extension: "the name",
  file_backup: "the name",
  file_hidden: "the name begins with a dot",
  owner_user: "`/etc/passwd`; users of a directory service have no name there",
  owner_group: "`/etc/group`; groups of a directory service have no name there",
  file_change_time: "lstat(2), of which Deno tells whole seconds",
  symlink_target: "readlink(2), as Deno asks it",
  sha256_hash: "the contents of regular files of at most 2 GiB",
};

/** Where the columns of `file_metadata` come from on a platform that has no better source. */
export function baseFileSources(
  platform: "macos" | "windows",
): Readonly<Record<string, ColumnSource>> {
  const given = FILE_COLUMNS.filter((column) =>
    platform === "macos" || !UNIX_COLUMNS.includes(column)
  );
  const stat = platform === "macos"
    ? "lstat(2), as Deno asks it"
    : "`GetFileInformationByHandle`, as Deno asks it";
  const names = collectedColumns(file_metadata, platform).map(({ name }) => name)
    .filter((name) => !(name in METADATA_COLUMNS));
  return Object.fromEntries(names.map((name) => [
    name,
    given.includes(name) ? MADE[name] ?? stat : `not collected on ${PLATFORM_NAMES[platform]}`,
  ]));
}
