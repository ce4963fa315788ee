import { createHash } from "node:crypto";
import { assert } from "@std/assert";
import { createSource } from "../../../collectors/binmond/formats/source.ts";
import { readSignature } from "../../../collectors/binmond/signatures/read.ts";
import type { Signature } from "../../../collectors/binmond/signatures/types.ts";

/** Tries the signature of a file in memory. */
export function trySignature(
  bytes: Uint8Array,
  certificates: readonly Uint8Array[] = [],
): Signature | undefined {
  const file = {
    size: bytes.length,
    checkTime() {},
    readInto(buffer: Uint8Array, at: number) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
  return readSignature({ ...file, source: () => createSource(file) }, () => certificates);
}

/** A folder in which programs run, with a key and a certificate of its own. */
export interface Signer extends Disposable {
  /** The folder. */
  readonly folder: string;
  /** The certificate in DER. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** Runs a program in the folder. */
  run(program: string, ...args: readonly string[]): void;
  /** Signs some content apart from it, by openssl's `cms` with more arguments. */
  sign(content: Uint8Array, ...args: readonly string[]): Uint8Array<ArrayBuffer>;
}

/** Makes a {@linkcode Signer}; the key is one of RSA unless other arguments of `openssl req` say so. */
export function makeSigner(key: readonly string[] = ["-newkey", "rsa:2048"]): Signer {
  const folder = Deno.makeTempDirSync();
  const run = (program: string, ...args: readonly string[]) => {
    const { success, stderr, stdout } = new Deno.Command(program, { args: [...args], cwd: folder })
      .outputSync();
    assert(success, new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout));
  };
  // deno-fmt-ignore
  run("openssl", "req", "-x509", ...key, "-nodes", "-keyout", "key", "-out", "certificate", "-days", "1",
    "-subj", "/O=Example/CN=Example Corp", "-addext", "extendedKeyUsage=codeSigning");
  run("openssl", "x509", "-in", "certificate", "-outform", "DER", "-out", "certificate.der");
  return {
    folder,
    certificate: Deno.readFileSync(`${folder}/certificate.der`),
    run,
    sign(content, ...args) {
      Deno.writeFileSync(`${folder}/content`, content);
      // deno-fmt-ignore
      run("openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "certificate", "-inkey", "key",
        "-outform", "DER", "-out", "signature", ...args);
      return Deno.readFileSync(`${folder}/signature`);
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** A module with its signature as `scripts/sign-file.c` puts it. */
export function appendSignature(
  module: Uint8Array,
  signature: Uint8Array,
  trailer: Partial<Record<number, number>> = {},
): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array(12);
  end[2] = 2;
  new DataView(end.buffer).setUint32(8, signature.length);
  for (const [at, value] of Object.entries(trailer)) end[Number(at)] = value!;
  const mark = new TextEncoder().encode("~Module signature appended~\n");
  return new Uint8Array([...module, ...signature, ...end, ...mark]);
}

/** What a crafted code signature is to be. */
export interface MachSignatureOptions {
  /** Hash functions, a code directory each. */
  readonly hashes?: readonly ("sha1" | "sha256" | "sha384")[];
  /** `CS_*`; ad hoc if absent. */
  readonly flags?: number;
  /** Binary logarithm of the size of a page; 0 for one page. */
  readonly pageShift?: number;
  /** Bytes that are covered; all before the signature if absent. */
  readonly limit?: number;
  /** Entitlements. */
  readonly entitlements?: string;
  /** Signs the first code directory, given the digests of all of them. */
  readonly sign?: (directory: Uint8Array, all: readonly Uint8Array[]) => Uint8Array;
}

const TYPES = { sha1: 1, sha256: 2, sha384: 4 } as const;

/** An image of Mach-O with a text and a code signature (XNU, cs_blobs.h). */
export function craftSignedMachO(
  {
    hashes = ["sha256"],
    flags = 2,
    pageShift = 12,
    limit,
    entitlements = "<plist/>",
    sign,
  }: MachSignatureOptions = {},
): Uint8Array<ArrayBuffer> {
  const start = 10_000;
  const room = 8192;
  const image = new Uint8Array(start + room);
  const view = new DataView(image.buffer);
  [0xfeed_facf, 0x0100_000c, 0, 2, 1, 16, 0, 0, 0x1d, 16, start, room].forEach((value, at) =>
    view.setUint32(4 * at, value, true)
  );
  for (let at = 48; at < start; at++) image[at] = at * 7 & 0xff;

  const blob = (magic: number, content: Uint8Array) => {
    const bytes = new Uint8Array(8 + content.length);
    const head = new DataView(bytes.buffer);
    head.setUint32(0, magic);
    head.setUint32(4, bytes.length);
    bytes.set(content, 8);
    return bytes;
  };
  const rights = blob(0xfade_7171, new TextEncoder().encode(entitlements));
  const directories = hashes.map((hash) => {
    const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest();
    const size = digest(rights).length;
    const covered = limit ?? start;
    const page = pageShift ? 2 ** pageShift : covered;
    const pages = Math.ceil(covered / page);
    const specials = 5;
    const names = new TextEncoder().encode("com.example.tool\0ABCDE12345\0");
    const head = 88;
    const digests = head + names.length + specials * size;
    const bytes = new Uint8Array(digests + pages * size);
    const fields = new DataView(bytes.buffer);
    // deno-fmt-ignore
    [0xfade_0c02, bytes.length, 0x2_0400, flags, digests, head, specials, pages, covered].forEach((value, at) =>
      fields.setUint32(4 * at, value)
    );
    bytes.set([size, TYPES[hash], 0, pageShift], 36);
    fields.setUint32(48, head + "com.example.tool\0".length);
    bytes.set(names, head);
    bytes.set(digest(rights), digests - 5 * size);
    for (let number = 0; number < pages; number++) {
      const part = image.subarray(number * page, Math.min(covered, (number + 1) * page));
      bytes.set(digest(part), digests + number * size);
    }
    return bytes;
  });
  const parts: [number, Uint8Array][] = [
    ...directories.map((bytes, at): [number, Uint8Array] => [at ? 0xfff + at : 0, bytes]),
    [5, rights],
    [0x1_0000, blob(0xfade_0b01, sign?.(directories[0]!, directories) ?? new Uint8Array())],
  ];
  const index = 12 + 8 * parts.length;
  const all = new DataView(image.buffer, start);
  let at = index;
  for (const [number, [slot, bytes]] of parts.entries()) {
    all.setUint32(12 + 8 * number, slot);
    all.setUint32(16 + 8 * number, at);
    image.set(bytes, start + at);
    at += bytes.length;
  }
  assert(at <= room);
  [0xfade_0cc0, at, parts.length].forEach((value, number) => all.setUint32(4 * number, value));
  return image;
}
