import { Buffer } from "node:buffer";
import { decodeText } from "./source.ts";

/** Bytes of a section of texts that are searched. */
export const SEARCHED = 4 * 2 ** 20;

/** Where some ASCII text stands in bytes; -1 where it does not. */
export function indexOfText(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(text, 0, "latin1");
}

/** The texts in a section that holds nothing else, each once, at most a dozen. */
export function textsIn(bytes: Uint8Array): string[] {
  const texts = decodeText(bytes).split("\0").map((text) => text.trim()).filter(Boolean);
  return [...new Set(texts)].slice(0, 12).map((text) => text.slice(0, 128));
}

/**
 * The Rust compiler's commit, which stands in the paths of its own library in every program that can panic; older
 * compilers say no version.
 */
export function rustCommit(bytes: Uint8Array): string | undefined {
  const at = indexOfText(bytes, "/rustc/");
  if (at < 0) return undefined;
  const commit = /^\/rustc\/([0-9a-f]{40})[/\\]/.exec(decodeText(bytes.subarray(at, at + 48)))?.[1];
  return commit && `rustc (${commit.slice(0, 9)})`;
}
