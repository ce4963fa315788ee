import type { GapReason } from "../../schema/batch.ts";
import type { Owners } from "../files/owners.ts";
import { Failure } from "../proc/files.ts";
import { capabilityNames } from "../procmond/capabilities.ts";
import type { HostFiles } from "./host_files.ts";

/** Attributes of one file that are read at most. */
const MAX_ATTRIBUTES = 256;

/** All extended attributes of a file as JSON; `null` where it has none. */
export function readAttributes(files: HostFiles, file: number): string | null | GapReason {
  const names = files.attributeNames(file);
  if (names === Failure.GONE) return null;
  if (names instanceof Failure) return names.reason as GapReason;
  if (names.length > MAX_ATTRIBUTES) return "budget";
  const values: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = files.attribute(file, name);
    if (!(value instanceof Failure)) values[name] = textOf(value);
  }
  return names.length === 0 ? null : JSON.stringify(values);
}

/** Text as it is, without a zero byte at its end; anything else in base64. */
function textOf(value: Uint8Array): string {
  const end = value.at(-1) === 0 ? value.length - 1 : value.length;
  const content = value.subarray(0, end);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    // deno-lint-ignore no-control-regex
    if (!/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return text;
  } catch {
    // No text.
  }
  return value.toBase64();
}

/** An entry of an access control list. */
export interface AclEntry {
  /** Whom it is for, as getfacl(1) writes it: `user`, `group`, `mask`, `other`, after `default:` for what is inherited. */
  readonly kind: string;
  /** Who that is; `null` for the owner, the owning group, and where there is nobody to be named. */
  readonly name: string | null;
  /** Such as `r-x`. */
  readonly permissions: string;
}

/** Tags of entries (linux/posix_acl.h). */
const TAGS: Readonly<Record<number, string>> = {
  0x01: "user",
  0x02: "user",
  0x04: "group",
  0x08: "group",
  0x10: "mask",
  0x20: "other",
};

/** Reads `system.posix_acl_*` (linux/posix_acl_xattr.h): a version, then tag, permissions and id of each entry. */
export function parseAcl(
  value: Uint8Array,
  { users, groups }: Owners,
  prefix = "",
): AclEntry[] {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const entries: AclEntry[] = [];
  if (value.length < 4 || view.getUint32(0, true) !== 2) return entries;
  for (let at = 4; at + 8 <= value.length; at += 8) {
    const tag = view.getUint16(at, true);
    const bits = view.getUint16(at + 2, true);
    const id = view.getUint32(at + 4, true);
    const names = tag === 0x02 ? users : tag === 0x08 ? groups : undefined;
    entries.push({
      kind: `${prefix}${TAGS[tag] ?? tag}`,
      name: names ? names.get(id) ?? String(id) : null,
      permissions: ["r", "w", "x"].map((letter, place) => bits & 4 >> place ? letter : "-").join(
        "",
      ),
    });
  }
  return entries;
}

/** The access control lists of a file as JSON, in force and inherited; `null` where its mode says all. */
export function readAcl(
  files: HostFiles,
  file: number,
  owners: Owners,
): string | null | GapReason {
  const entries: AclEntry[] = [];
  for (const [name, prefix] of [["access", ""], ["default", "default:"]] as const) {
    const value = files.attribute(file, `system.posix_acl_${name}`);
    if (!(value instanceof Failure)) entries.push(...parseAcl(value, owners, prefix));
    else if (value !== Failure.GONE) return value.reason as GapReason;
  }
  return entries.length === 0 ? null : JSON.stringify(entries);
}

/** What executing a file gives. */
export interface FileCapabilities {
  /** Capabilities that it has. */
  readonly permitted: readonly string[];
  /** Capabilities that it keeps of those that may be inherited. */
  readonly inheritable: readonly string[];
  /** Whether it need not ask for them. */
  readonly effective: boolean;
}

/** Reads `security.capability` (`struct vfs_cap_data` of linux/capability.h); `undefined` where it is none. */
export function parseFileCapabilities(value: Uint8Array): FileCapabilities | undefined {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const revision = value.length >= 4 ? view.getUint8(3) : 0;
  const words = revision === 1 ? 1 : 2;
  if (revision < 1 || revision > 3 || value.length < 4 + 8 * words) return undefined;
  const mask = (word: number) =>
    Array.from({ length: words }, (_, pair) => pair).reduce(
      (all, pair) =>
        all | BigInt(view.getUint32(4 + 8 * pair + 4 * word, true)) << BigInt(32 * pair),
      0n,
    );
  return {
    permitted: capabilityNames(mask(0)),
    inheritable: capabilityNames(mask(1)),
    effective: (view.getUint8(0) & 1) !== 0,
  };
}

/** The capabilities of a file as JSON; `null` where it has none. */
export function readFileCapabilities(files: HostFiles, file: number): string | null | GapReason {
  const value = files.attribute(file, "security.capability");
  if (value === Failure.GONE) return null;
  if (value instanceof Failure) return value.reason as GapReason;
  const capabilities = parseFileCapabilities(value);
  return capabilities ? JSON.stringify(capabilities) : "not_collected";
}
