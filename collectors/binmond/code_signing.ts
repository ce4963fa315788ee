import type { X509Certificate } from "node:crypto";
import { code_signing } from "../../profiles/code_signing.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Reading } from "../core/collector.ts";
import { createContentCache } from "../files/content_cache.ts";
import { openPackageRecords, type PackageRecord } from "../packages/records.ts";
import { Exhausted } from "./formats/source.ts";
import { CACHE } from "./limits.ts";
import { moduleCertificates } from "./module_keys.ts";
import { findOwner, type Owned, OWNER_COLUMNS, ownerColumns } from "./ownership.ts";
import { type HostPaths, openHostPaths } from "./paths.ts";
import { onOneLine, shortName } from "./signatures/names.ts";
import { compressionOf, unpack } from "./signatures/compressed.ts";
import { readSignature } from "./signatures/read.ts";
import type { Signature } from "./signatures/types.ts";
import type { OpenFile, Target } from "./targets.ts";

/** What is told of a signature, and what of it is missing. */
interface Told {
  readonly values: Readonly<Record<string, Cell>>;
  readonly gaps?: Readonly<Record<string, GapReason>>;
}

const known = createContentCache<Told>(CACHE);

/** Columns of the file itself, and those that its package has a part in. */
const APART: readonly string[] = [
  ...["pid", "process_key", "file_path", "platform_data"],
  ...[...OWNER_COLUMNS, "package_intact"],
];
const OF_SIGNATURE = collectedColumns(code_signing, "linux").map(({ name }) => name)
  .filter((name) => !APART.includes(name));

const UNSIGNED: Told = { values: { signed: false, trust_level: "unsigned" } };

/** Describes files one after the other. */
export interface SignatureReader extends Disposable {
  /** The row of a file: of what takes reading all of it only the columns that are wanted. */
  describe(target: Target, project: readonly string[]): Reading;
}

/** Makes a {@linkcode SignatureReader} for the files of a host; it reads the records of packages once. */
export function openSignatures(filesRoot: string): SignatureReader {
  const paths = openHostPaths(filesRoot);
  const records = openPackageRecords(paths);
  return {
    describe: (target, project) => describe(target, new Set(project), paths, records),
    [Symbol.dispose]: () => records[Symbol.dispose](),
  };
}

function describe(
  target: Target,
  wanted: ReadonlySet<string>,
  paths: HostPaths,
  records: PackageRecord,
): Reading {
  const { pid, process_key, path, file } = target;
  const told = typeof file === "string"
    ? { values: {}, gaps: gapsOf(file) }
    : OF_SIGNATURE.some((column) => wanted.has(column))
    ? findSignature(file, paths, path)
    : { values: {}, gaps: gapsOf("not_collected") };
  const wantsDigest = wanted.has("package_intact") || wanted.has("trust_level");
  const wantsOwner = wantsDigest || OWNER_COLUMNS.some((column) => wanted.has(column));
  const owned: Owned = wantsOwner
    ? findOwner(target, paths, records, wantsDigest)
    : { owner: "not_collected", intact: "not_collected" };
  const withPackage = addPackage(told, owned);
  return {
    row: {
      pid: pid ?? null,
      process_key: process_key ?? null,
      ...(path !== undefined && { file_path: path }),
      ...Object.fromEntries(OF_SIGNATURE.map((column) => [column, null])),
      ...withPackage.values,
    },
    gaps: {
      ...(path === undefined && { file_path: "not_collected" as const }),
      ...withPackage.gaps,
    },
  };
}

/** What a package manager says comes to what the file carries itself. */
function addPackage({ values, gaps = {} }: Told, { owner, intact }: Owned): Required<Told> {
  const all: Record<string, Cell> = { ...values };
  const missing: Record<string, GapReason> = { ...gaps };
  if (typeof owner === "string") { for (const column of OWNER_COLUMNS) missing[column] = owner; }
  else Object.assign(all, ownerColumns(owner));
  if (typeof intact === "string") missing.package_intact = intact;
  else all.package_intact = intact ?? null;
  const level = trustLevel(values.trust_level, { owner, intact });
  if (level === undefined) {
    delete all.trust_level;
    missing.trust_level ??= typeof intact === "string" ? intact : "not_collected";
  } else all.trust_level = level;
  return { values: all, gaps: missing };
}

/** How far a file is vouched for by its signature and its package; `undefined` where that is not known. */
function trustLevel(bySignature: Cell | undefined, { owner, intact }: Owned): Cell | undefined {
  if (bySignature === undefined || bySignature === "untrusted") return bySignature;
  if (intact === false) return "untrusted";
  if (intact === true) return "trusted";
  if (bySignature !== "unsigned" || owner === undefined) return bySignature;
  return typeof intact === "string" ? undefined : "unknown";
}

function gapsOf(reason: GapReason): Record<string, GapReason> {
  return Object.fromEntries(OF_SIGNATURE.map((column) => [column, reason]));
}

function findSignature(file: OpenFile, paths: HostPaths, path: string | undefined): Told {
  const before = file.identity && known.get(file.identity);
  if (before) return before;
  let told: Told;
  try {
    told = tell(file, paths, path);
  } catch (error) {
    return {
      values: {},
      gaps: gapsOf(error instanceof Exhausted ? error.reason : "not_collected"),
    };
  }
  if (!file.isUnchanged()) return { values: {}, gaps: gapsOf("not_collected") };
  if (file.identity) known.set(file.identity, told);
  return told;
}

function tell(file: OpenFile, paths: HostPaths, path: string | undefined): Told {
  const compression = /\.ko\.\w+$/.test(path ?? "") ? compressionOf(file) : undefined;
  // Nothing here reads xz.
  if (compression === "xz") return { values: {}, gaps: gapsOf("not_collected") };
  const signed = compression ? unpack(file, compression) : file;
  let signature: Signature | undefined;
  try {
    signature = readSignature(signed, () => moduleCertificates(paths, path));
  } catch (error) {
    if (error instanceof Exhausted || !isOfFormat(error)) throw error;
    // A signature that cannot be read vouches for nothing.
    return { values: { signed: true, signature_valid: false, trust_level: "untrusted" } };
  }
  if (!signature) return UNSIGNED;
  const { format, valid, chain, anonymous, issuer, time, timeUnknown, details } = signature;
  const first = chain[0];
  const isOwn = anonymous || first && first.subject === first.issuer;
  return {
    values: {
      signed: true,
      signature_valid: valid ?? null,
      signature_format: format,
      signature_details: JSON.stringify(details),
      certificate_chain: first ? JSON.stringify(chain.map(describeCertificate)) : null,
      signing_authority: first ? shortName(first.issuer) : issuer ?? null,
      publisher: first ? shortName(first.subject) : null,
      timestamp: time ?? null,
      revocation_status: anonymous ? null : "unknown",
      trust_level: valid === false ? "untrusted" : valid && isOwn ? "self_signed" : "unknown",
    },
    gaps: {
      ...(timeUnknown && { timestamp: "not_collected" as const }),
      ...(valid === undefined && { signature_valid: "not_collected" as const }),
      ...(!first && !anonymous &&
        { certificate_chain: "not_collected" as const, publisher: "not_collected" as const }),
    },
  };
}

/** Whether an error is about what stands in the file; others are of the disk. */
function isOfFormat(error: unknown): boolean {
  return !(error instanceof Error && "syscall" in error);
}

function describeCertificate({ subject, issuer, serialNumber, validTo }: X509Certificate) {
  return {
    subject: onOneLine(subject),
    issuer: onOneLine(issuer),
    serial: serialNumber.toLowerCase(),
    not_after: Date.parse(validTo),
  };
}
