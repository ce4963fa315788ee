import type { Platform } from "../../../schema/types.ts";
import { fieldsOf } from "./fields.ts";
import { decodeText } from "./source.ts";

/** What the Go linker writes into every program (https://pkg.go.dev/debug/buildinfo). */
export interface GoBuild {
  /** Version of Go, such as `go1.22.1`. */
  readonly version: string;
  /** The operating system that it was made for, where it says so. */
  readonly platform?: Platform;
}

/** How it begins. */
const MAGIC = "\xff Go buildinf:";
/** It begins at a multiple of this. */
const ALIGNMENT = 16;
/** Bytes that are searched for it. */
export const GO_SEARCHED = 2 ** 20;
/** Bytes of what it says at most. */
const MAX_TEXT = 65_536;

const PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  ["linux", "linux"],
  ["darwin", "macos"],
  ["windows", "windows"],
]);

/**
 * Finds it in a section that may have it. Since Go 1.18 the texts follow, with their lengths before them; older ones
 * stand elsewhere, at addresses that `at` reads.
 */
export function readGoBuild(
  section: Uint8Array,
  at: (address: number, length: number) => Uint8Array,
): GoBuild | undefined {
  const magic = Uint8Array.from(MAGIC, (letter) => letter.charCodeAt(0));
  for (let start = 0; start + 32 <= section.length; start += ALIGNMENT) {
    if (!magic.every((byte, index) => section[start + index] === byte)) continue;
    const flags = section[start + 15]!;
    const texts = flags & 2
      ? inlineTexts(section.subarray(start + 32))
      : pointedTexts(section.subarray(start), section[start + 14]!, (flags & 1) === 0, at);
    const [version = "", modules = ""] = texts.map(decodeText);
    if (!/^(go|devel)/.test(version)) continue;
    const platform = PLATFORMS.get(/^build\tGOOS=(\w+)$/m.exec(modules)?.[1] ?? "");
    return { version: version.slice(0, 128), ...(platform && { platform }) };
  }
  return undefined;
}

function inlineTexts(bytes: Uint8Array): Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (let at = 0; texts.length < 2 && at < bytes.length;) {
    let length = 0;
    for (let shift = 1;; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 2 ** 28) return texts;
      length += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    texts.push(bytes.subarray(at, at + Math.min(length, MAX_TEXT)));
    at += length;
  }
  return texts;
}

/** Each is the address of an address and a length. */
function pointedTexts(
  bytes: Uint8Array,
  size: number,
  littleEndian: boolean,
  at: (address: number, length: number) => Uint8Array,
): Uint8Array[] {
  if (size !== 4 && size !== 8) return [];
  const word = (from: Uint8Array, place: number) => {
    const fields = fieldsOf(from, littleEndian);
    return size === 8 ? fields.u64(place) : fields.u32(place);
  };
  return [16, 16 + size].map((place) => {
    const header = at(word(bytes, place), 2 * size);
    return header.length < 2 * size
      ? new Uint8Array()
      : at(word(header, 0), Math.min(word(header, size), MAX_TEXT));
  });
}
