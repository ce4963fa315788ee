import { decode } from "../proc/files.ts";

type Signature = readonly [name: string, beginning: string | readonly number[]];

/** How compressed contents begin, by the definition of each format. */
const COMPRESSIONS: readonly Signature[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", "BZh"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["lzip", "LZIP"],
  ["lzop", [0x89, 0x4c, 0x5a, 0x4f, 0x00]],
  ["compress", [0x1f, 0x9d]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["rar", [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
];

/** How encrypted contents begin. */
const ENCRYPTIONS: readonly Signature[] = [
  ["luks", [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]],
  ["openssl", "Salted__"],
  ["age", "age-encryption.org/v1"],
  ["age", "-----BEGIN AGE ENCRYPTED FILE-----"],
  ["pgp", "-----BEGIN PGP MESSAGE-----"],
  ["pkcs8", "-----BEGIN ENCRYPTED PRIVATE KEY-----"],
  ["ansible-vault", "$ANSIBLE_VAULT;"],
];

/** The compression of a content, by its first bytes; `null` where there is none that is known. */
export function compressionOf(head: Uint8Array): string | null {
  return find(COMPRESSIONS, head);
}

/** The encryption of a content, by its first bytes; `null` where there is none that is known. */
export function encryptionOf(head: Uint8Array): string | null {
  const found = find(ENCRYPTIONS, head);
  if (found !== null) return found;
  // The first bit of the flags of a zip archive's first file.
  if (find(COMPRESSIONS, head) === "zip") return head[6]! & 1 ? "zip" : null;
  return decode(head.subarray(0, 256)).includes("\nProc-Type: 4,ENCRYPTED") ? "pem" : null;
}

function find(signatures: readonly Signature[], head: Uint8Array): string | null {
  const begins = ([, beginning]: Signature) =>
    typeof beginning === "string"
      ? [...beginning].every((character, at) => head[at] === character.charCodeAt(0))
      : beginning.every((byte, at) => head[at] === byte);
  return signatures.find(begins)?.[0] ?? null;
}
