import type { Cell, GapReason } from "../../schema/batch.ts";
import { typeOf } from "../files/attributes.ts";
import { type ContentCache, isSettled } from "../files/content_cache.ts";
import { digest } from "../hasher/digest.ts";
import { Failure } from "../proc/files.ts";
import { compressionOf, encryptionOf } from "./formats.ts";
import type { HostFiles } from "./host_files.ts";
import { mediaTypeOf } from "./media_type.ts";
import type { Statx } from "./statx.ts";
import { encodingOf } from "./text_encoding.ts";

/** Bytes of one file that are hashed at most. */
export const MAX_HASHED = 2 ** 31;

/** Bytes that formats are known by. */
const HEAD = 65_536;

/** What of a file its content says. */
export type ContentColumn =
  | "sha256_hash"
  | "mime_type"
  | "file_encoding"
  | "file_compression"
  | "file_encryption";

/** Columns that {@linkcode readContents} reads. */
export const CONTENT_COLUMNS: readonly ContentColumn[] = [
  "sha256_hash",
  "mime_type",
  "file_encoding",
  "file_compression",
  "file_encryption",
];

/** What was read of a content. */
export type Contents = { readonly [column in ContentColumn]?: Cell };

/** Values of some columns, and why others have none. */
export interface ContentReading {
  /** The values. */
  readonly values: Contents;
  /** Why the others are missing. */
  readonly gaps: { readonly [column in ContentColumn]?: GapReason };
}

/** How contents are read. */
export interface ContentOptions {
  /** As `performance.now()` counts. */
  readonly deadline: number;
  /** Whether reading the file is reading what it holds. */
  readonly readable: boolean;
  /** Where contents are remembered; absent where the times of the file do not vouch for them. */
  readonly cache?: ContentCache<Contents>;
}

/** Media types of what is no regular file, by its kind, as file(1) names them. */
const KINDS: Readonly<Record<string, string>> = {
  directory: "inode/directory",
  symlink: "inode/symlink",
  socket: "inode/socket",
  pipe: "inode/fifo",
  block_device: "inode/blockdevice",
  character_device: "inode/chardevice",
};

/** Reads what the content of an open file says. Only regular files are opened; one that changes meanwhile says nothing. */
export async function readContents(
  files: HostFiles,
  file: number,
  stat: Statx,
  wanted: readonly ContentColumn[],
  { deadline, readable, cache }: ContentOptions,
): Promise<ContentReading> {
  const all = (reason: GapReason, columns = wanted): ContentReading => ({
    values: {},
    gaps: Object.fromEntries(columns.map((column) => [column, reason])),
  });
  const kind = typeOf(stat);
  if (kind !== "regular") return { values: { mime_type: KINDS[kind]! }, gaps: {} };
  if (!readable) return all("not_collected");
  const { dev: device, ino: inode, size, mtime, ctime } = stat;
  const identity = { device, inode, size, mtime, ctime };
  const known = cache?.get(identity) ?? {};
  const needed = wanted.filter((column) => !(column in known));
  if (needed.length === 0) return { values: known, gaps: {} };
  if (performance.now() > deadline) return { values: known, gaps: all("deadline", needed).gaps };

  const readAt = Date.now();
  const open = files.open(file);
  if (open instanceof Failure) {
    const reason = open.reason === "gone" ? "not_collected" : open.reason;
    return { values: known, gaps: all(reason, needed).gaps };
  }
  try {
    const found = await look(files, open, stat, needed, deadline);
    const now = files.stat(file);
    const unchanged = !(now instanceof Failure) && now.size === size && now.mtime === mtime &&
      now.ctime === ctime;
    if (!unchanged) return all("not_collected");
    const values = { ...known, ...found.values };
    if (isSettled(identity, readAt)) cache?.set(identity, values);
    return { values, gaps: found.gaps };
  } catch {
    return all("not_collected");
  } finally {
    files.close(open);
  }
}

async function look(
  files: HostFiles,
  open: number,
  { size }: Statx,
  needed: readonly ContentColumn[],
  deadline: number,
): Promise<ContentReading> {
  const values: { -readonly [column in ContentColumn]?: Cell } = {};
  const gaps: { -readonly [column in ContentColumn]?: GapReason } = {};
  if (needed.some((column) => column !== "sha256_hash")) {
    const buffer = new Uint8Array(Math.min(HEAD, Number(size)));
    let length = 0;
    for (let count = -1; count !== 0 && length < buffer.length; length += count) {
      count = files.read(open, buffer.subarray(length), length);
    }
    const head = buffer.subarray(0, length);
    for (const column of needed) {
      if (column === "mime_type") values[column] = await mediaTypeOf(head);
      if (column === "file_encoding") values[column] = encodingOf(head);
      if (column === "file_compression") values[column] = compressionOf(head);
      if (column === "file_encryption") values[column] = encryptionOf(head);
    }
  }
  if (needed.includes("sha256_hash")) {
    const hash = size > MAX_HASHED ? "budget" : digest(open, deadline, files.read);
    if (hash === "budget") gaps.sha256_hash = hash;
    else if (hash === undefined) gaps.sha256_hash = "deadline";
    else values.sha256_hash = hash;
  }
  return { values, gaps };
}
