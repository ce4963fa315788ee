/** An element of ASN.1 in its distinguished encoding (ITU-T X.690). */
export interface Element {
  /** Its first byte: class, form and number. */
  readonly tag: number;
  /** All its bytes. */
  readonly whole: Uint8Array;
  /** What it holds. */
  readonly content: Uint8Array;
}

/** Numbers of elements that are looked for. */
export const TAG = { INTEGER: 2, OCTETS: 4, OID: 6, SEQUENCE: 0x30, SET: 0x31 } as const;

/**
 * The elements that stand in some bytes, one after the other.
 *
 * @throws {SyntaxError} where they do not, or there are more than a signature has
 */
export function elementsOf(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    if (elements.length === MAX_ELEMENTS) throw new SyntaxError("too many elements");
    const element = firstElement(bytes.subarray(at));
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

const MAX_ELEMENTS = 1000;

/**
 * The element with which bytes begin.
 *
 * @throws {SyntaxError} where there is none
 */
export function firstElement(bytes: Uint8Array): Element {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw new SyntaxError("an element is cut off");
  let length = first;
  let at = 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new SyntaxError("a length that none has");
    at += count;
    if (at > bytes.length) throw new SyntaxError("an element is cut off");
    length = bytes.subarray(2, at).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  if (at + length > bytes.length) throw new SyntaxError("an element is cut off");
  return { tag, whole: bytes.subarray(0, at + length), content: bytes.subarray(at, at + length) };
}

/** The elements within an element of a kind. */
export function within(element: Element | undefined, tag: number): readonly Element[] {
  if (element?.tag !== tag) throw new SyntaxError("an element of another kind");
  return elementsOf(element.content);
}

/** Whether two runs of bytes are the same. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
