import { readSync, writeSync } from "node:fs";
import type { MatchedRule } from "../../../dialect/yara/types.ts";
import type { Resource } from "../../../model/collection.ts";

/** What is asked: rules, where they are others than before, to be tried on the bytes that follow. */
export interface Question {
  /** The rules; those of the last question if absent. */
  readonly rules?: readonly Resource[];
  /** How many bytes follow. */
  readonly size: number;
}

/** What is answered: what each file of rules found, in their order; or why nothing was. */
export type Answer = { readonly found: readonly (readonly MatchedRule[])[] } | {
  readonly error: string;
};

const HEAD = 4;

/** A message: the length of its text, and the text as JSON. */
export function encodeMessage(message: Question | Answer): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(message));
  const frame = new Uint8Array(HEAD + text.length);
  new DataView(frame.buffer).setUint32(0, text.length);
  frame.set(text, HEAD);
  return frame;
}

/** Reads so many bytes of a pipe; `undefined` where it ends before. */
export function readExactly(file: number, length: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = readSync(file, bytes, at, length - at, null);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

/** Writes all of a message to a pipe. */
export function writeMessage(file: number, message: Answer): void {
  const frame = encodeMessage(message);
  for (let at = 0; at < frame.length;) at += writeSync(file, frame, at);
}

/** Reads a message of a pipe; `undefined` where it ends before. */
export function readMessage(file: number): Question | undefined {
  const head = readExactly(file, HEAD);
  const text = head && readExactly(file, new DataView(head.buffer).getUint32(0));
  return text && JSON.parse(new TextDecoder().decode(text));
}

/** Takes the answer out of what has come so far; `undefined` while it is not whole. */
export function decodeAnswer(bytes: Uint8Array): Answer | undefined {
  if (bytes.length < HEAD) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (bytes.length < HEAD + length) return undefined;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD, HEAD + length)));
}

/** Two pieces as one. */
export function concatBytes(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
