import type { X509Certificate } from "node:crypto";
import { code_signing } from "../../profiles/code_signing.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Reading } from "../core/collector.ts";
import { createContentCache } from "../files/content_cache.ts";
import { LC, parseMachO } from "./formats/macho.ts";
import { parsePe } from "./formats/pe.ts";
import { Exhausted, type Source } from "./formats/source.ts";
import { CACHE } from "./limits.ts";
import { readAuthenticode } from "./signatures/authenticode.ts";
import type { SignedData } from "./signatures/signed_data.ts";
import type { OpenFile, Target } from "./targets.ts";

/** What is told of a signature, and what of it is missing. */
interface Told {
  readonly values: Readonly<Record<string, Cell>>;
  readonly gaps?: Readonly<Record<string, GapReason>>;
}

const known = createContentCache<Told>(CACHE);

/** Those of the file itself. */
const OF_FILE: readonly string[] = ["pid", "process_key", "file_path", "platform_data"];
const TOLD = collectedColumns(code_signing, "linux").map(({ name }) => name)
  .filter((name) => !OF_FILE.includes(name));

/** What ends a kernel module that is signed (scripts/sign-file.c). */
const MODULE_MARK = "~Module signature appended~\n";

const UNSIGNED: Told = { values: { signed: false, trust_level: "unsigned" } };

/** There is a signature of a kind that is not tried here. */
const UNTRIED: Told = {
  values: { signed: true, trust_level: "unknown" },
  gaps: gapsOf("not_collected", ["signed", "trust_level"]),
};

/** The row of a file. */
export function describeSignature({ pid, process_key, path, file }: Target): Reading {
  const row = { pid: pid ?? null, process_key: process_key ?? null };
  const { values, gaps } = typeof file === "string"
    ? { values: {}, gaps: gapsOf(file) }
    : findSignature(file);
  return {
    row: { ...row, ...(path !== undefined && { file_path: path }), ...values },
    gaps: { ...(path === undefined && { file_path: "not_collected" as const }), ...gaps },
  };
}

function gapsOf(reason: GapReason, but: readonly string[] = []): Record<string, GapReason> {
  const missing = TOLD.filter((column) => !but.includes(column));
  return Object.fromEntries(missing.map((column) => [column, reason]));
}

function findSignature(file: OpenFile): Told {
  const before = file.identity && known.get(file.identity);
  if (before) return before;
  let told: Told;
  try {
    told = readSignature(file);
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

function readSignature(file: OpenFile): Told {
  const source = file.source();
  const magic = String.fromCharCode(...source.read(0, 4));
  if (magic.startsWith("MZ")) {
    const pe = parsePe(source);
    return pe ? tell(() => readAuthenticode(pe, file)) : UNSIGNED;
  }
  if (magic === "\x7fELF") return isSignedModule(source) ? UNTRIED : UNSIGNED;
  const images = parseMachO(source) ?? [];
  const signed = images.some(({ commands }) =>
    commands.some(({ type }) => type === LC.CODE_SIGNATURE)
  );
  return signed ? UNTRIED : UNSIGNED;
}

function isSignedModule({ read, size }: Source): boolean {
  const end = read(size - MODULE_MARK.length, MODULE_MARK.length);
  return String.fromCharCode(...end) === MODULE_MARK;
}

function tell(read: () => SignedData | undefined): Told {
  let data: SignedData | undefined;
  try {
    data = read();
  } catch (error) {
    if (error instanceof Exhausted) throw error;
    // A signature that cannot be read vouches for nothing.
    return { values: { signed: true, signature_valid: false, trust_level: "untrusted" } };
  }
  if (!data) return UNSIGNED;
  const { valid, chain } = data;
  const first = chain[0]!;
  const isOwn = first.subject === first.issuer;
  return {
    values: {
      signed: true,
      signature_valid: valid ?? null,
      certificate_chain: JSON.stringify(chain.map(describeCertificate)),
      signing_authority: nameOf(first.issuer),
      publisher: nameOf(first.subject),
      revocation_status: "unknown",
      trust_level: valid === undefined
        ? "unknown"
        : !valid
        ? "untrusted"
        : isOwn
        ? "self_signed"
        : "unknown",
    },
    gaps: {
      timestamp: "not_collected",
      ...(valid === undefined && { signature_valid: "not_collected" as const }),
    },
  };
}

function describeCertificate({ subject, issuer, serialNumber, validTo }: X509Certificate) {
  return {
    subject: onOneLine(subject),
    issuer: onOneLine(issuer),
    serial: serialNumber.toLowerCase(),
    not_after: Date.parse(validTo),
  };
}

/** Names come with a part on each line. */
function onOneLine(name: string): string {
  return name.trim().split("\n").join(", ");
}

/** The common name, else the organisation, else all of a name. */
function nameOf(name: string): string {
  const part = (key: string) => name.split("\n").find((line) => line.startsWith(`${key}=`));
  return (part("CN") ?? part("O"))?.replace(/^\w+=/, "") ?? onOneLine(name);
}
