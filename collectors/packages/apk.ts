import type { GapReason } from "../../schema/batch.ts";
import { attempt, type HostPaths } from "../binmond/paths.ts";
import { decode, Failure } from "../proc/files.ts";
import { readRegular } from "../regmond/host.ts";
import { isSamePath, lastName } from "./paths.ts";
import type { Ownership, PackageRecord } from "./records.ts";

/** Where apk has its record, the place of today first; where `/lib` leads to `/usr/lib` both are the same. */
export const APK_RECORDS: readonly string[] = [
  "/usr/lib/apk/db/installed",
  "/lib/apk/db/installed",
];

/**
 * Opens apk's own record (apk-v2(5), "Installed database"): a paragraph for each package with its folders and the files
 * in them, with SHA-1 of their content. `undefined` where there is none.
 */
export function openApk(paths: HostPaths): PackageRecord | GapReason | undefined {
  for (const place of APK_RECORDS) {
    const file = paths.resolve(place);
    const bytes = file instanceof Failure ? file : attempt(() => readRegular(file));
    if (bytes === Failure.GONE) continue;
    if (bytes instanceof Failure) return bytes.reason === "gone" ? "not_collected" : bytes.reason;
    const text = `\n${decode(bytes)}\n`;
    // A list without any file is none, or has been cleared.
    return text.includes("\nR:") ? { ownerOf: (path) => find(text, path, paths) } : undefined;
  }
  return undefined;
}

function find(text: string, path: string, paths: HostPaths): Ownership | undefined {
  // Such a name would stand for the lines after another one's.
  if (path.includes("\n")) return undefined;
  const line = `\nR:${lastName(path)}\n`;
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + 1)) {
    const start = text.lastIndexOf("\n\n", at) + 1;
    const folder = fieldBefore(text, "F", at, start);
    const name = fieldBefore(text, "P", at, start);
    if (name === undefined || folder === undefined) continue;
    if (!isSamePath(`${folder && `/${folder}`}/${lastName(path)}`, path, paths)) continue;
    const digest = isConfiguration(folder) ? undefined : digestOf(text, at + line.length);
    return { manager: "apk", package: name, ...(digest && { digest }) };
  }
  return undefined;
}

/** What apk protects unless somebody says otherwise (apk-protected_paths(5)): the administrator changes it. */
function isConfiguration(folder: string): boolean {
  return folder === "etc" || folder.startsWith("etc/");
}

/** The last field of a letter before a place of a paragraph that begins at another. */
function fieldBefore(
  text: string,
  letter: string,
  place: number,
  start: number,
): string | undefined {
  const at = text.lastIndexOf(`\n${letter}:`, place);
  return at < start ? undefined : text.slice(at + 3, text.indexOf("\n", at + 1));
}

/** What stands behind a file, up to the next: `Z:Q1` and its SHA-1 in base64. */
function digestOf(text: string, place: number): Ownership["digest"] {
  for (let at = place;;) {
    const end = text.indexOf("\n", at);
    const line = end < 0 ? "" : text.slice(at, end);
    if (line.startsWith("Z:")) {
      const [, base64] = /^Z:Q1([A-Za-z0-9+/]{27}=)$/.exec(line) ?? [];
      return base64 === undefined
        ? undefined
        : { algorithm: "sha1", value: Uint8Array.fromBase64(base64).toHex() };
    }
    if (!line.startsWith("a:")) return undefined;
    at = end + 1;
  }
}
