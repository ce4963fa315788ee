import { ipv4Text, ipv6Text, read16 } from "../capture/ip.ts";

/** A message of DNS, as far as it is needed. */
export interface DnsMessage {
  /** Number that an answer repeats. */
  readonly id: number;
  /** Whether it is an answer. */
  readonly answer: boolean;
  /** Name that was asked for, in lower case, without the dot at its end. */
  readonly name: string;
  /** Type that was asked for. */
  readonly type: string;
  /** How the answer ended. */
  readonly code: string;
  /** The answers, as text. */
  readonly answers: readonly string[];
  /** Whether answers are missing because the message was cut. */
  readonly truncated: boolean;
}

/** Types of records (IANA DNS parameters) that queries mostly ask for. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "A"],
  [2, "NS"],
  [5, "CNAME"],
  [6, "SOA"],
  [10, "NULL"],
  [12, "PTR"],
  [13, "HINFO"],
  [15, "MX"],
  [16, "TXT"],
  [28, "AAAA"],
  [33, "SRV"],
  [35, "NAPTR"],
  [39, "DNAME"],
  [41, "OPT"],
  [43, "DS"],
  [46, "RRSIG"],
  [47, "NSEC"],
  [48, "DNSKEY"],
  [52, "TLSA"],
  [64, "SVCB"],
  [65, "HTTPS"],
  [252, "AXFR"],
  [255, "ANY"],
  [257, "CAA"],
]);

const CODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

const HEADER = 12;
/** A name has 255 bytes at most (RFC 1035), so that it has no more labels than this, pointers included. */
const MAX_LABELS = 128;
const MAX_NAME = 255;
/** Answers that are kept of one message, and characters of all of them. */
const MAX_ANSWERS = 100;
const MAX_TEXT = 4096;

/**
 * Reads a message (RFC 1035): one question, and answers; `undefined` for what is none.
 *
 * @param strict whether it has to look like one all over, because nothing but its look says so
 */
export function parseDns(bytes: Uint8Array, strict: boolean): DnsMessage | undefined {
  if (bytes.length < HEADER || read16(bytes, 4) !== 1) return undefined;
  const flags = read16(bytes, 2);
  // Only ordinary queries; the bit between the flags is always 0.
  if ((flags & 0x7800) !== 0) return undefined;
  const answer = (flags & 0x8000) !== 0;
  const question = readName(bytes, HEADER);
  if (!question || question.next + 4 > bytes.length) return undefined;
  const type = read16(bytes, question.next);
  const records = read16(bytes, 6) + read16(bytes, 8) + read16(bytes, 10);
  if (strict) {
    const odd = (flags & 0x0040) !== 0 || read16(bytes, question.next + 2) !== 1 ||
      !TYPES.has(type) || !/^[\w.-]+$/.test(question.name);
    const bare = !answer && (read16(bytes, 6) > 0 || read16(bytes, 8) > 0);
    const tail = records === 0 && question.next + 4 !== bytes.length;
    if (odd || bare || tail) return undefined;
  }
  const found = answer ? readAnswers(bytes, question.next + 4) : { answers: [], whole: true };
  if (strict && !found.whole) return undefined;
  return {
    id: read16(bytes, 0),
    answer,
    name: question.name,
    type: TYPES.get(type) ?? `TYPE${type}`,
    code: CODES[flags & 15] ?? `RCODE${flags & 15}`,
    answers: found.answers,
    truncated: (flags & 0x0200) !== 0 || !found.whole,
  };
}

function readAnswers(
  bytes: Uint8Array,
  start: number,
): { readonly answers: string[]; readonly whole: boolean } {
  const count = read16(bytes, 6);
  const answers: string[] = [];
  let size = 0;
  let at = start;
  for (let index = 0; index < count; index++) {
    if (index === MAX_ANSWERS || size > MAX_TEXT) return { answers, whole: false };
    const owner = readName(bytes, at);
    if (!owner || owner.next + 10 > bytes.length) return { answers, whole: false };
    const type = read16(bytes, owner.next);
    const data = owner.next + 10;
    const end = data + read16(bytes, owner.next + 8);
    if (end > bytes.length) return { answers, whole: false };
    const text = readData(bytes, type, data, end);
    if (text !== undefined) {
      answers.push(text);
      size += text.length;
    }
    at = end;
  }
  return { answers, whole: true };
}

/** What a record says, as text; a record of a type without a text is named by its type. */
function readData(bytes: Uint8Array, type: number, at: number, end: number): string | undefined {
  switch (TYPES.get(type)) {
    case "A":
      return end - at === 4 ? ipv4Text(bytes, at) : undefined;
    case "AAAA":
      return end - at === 16 ? ipv6Text(bytes, at) : undefined;
    case "CNAME":
    case "NS":
    case "PTR":
    case "DNAME":
      return readName(bytes, at)?.name;
    case "MX":
      return readName(bytes, at + 2)?.name;
    case "SRV":
      return readName(bytes, at + 6)?.name;
    case "TXT":
      return readTexts(bytes, at, end);
    default:
      return TYPES.get(type) ?? `TYPE${type}`;
  }
}

function readTexts(bytes: Uint8Array, at: number, end: number): string {
  let text = "";
  while (at < end && text.length < MAX_TEXT) {
    const next = Math.min(at + 1 + bytes[at]!, end);
    for (let byte = at + 1; byte < next; byte++) text += character(bytes[byte]!);
    at = next;
  }
  return text;
}

/**
 * Reads a name, in lower case: case means nothing in it, and resolvers vary it. Pointers lead only backwards, so that they
 * cannot make a circle. Bytes that are no printable ASCII, dots within labels and backslashes stand as `\DDD` (RFC 4343).
 */
function readName(
  bytes: Uint8Array,
  start: number,
): { readonly name: string; readonly next: number } | undefined {
  let name = "";
  let length = 0;
  let next = -1;
  let bound = start;
  let at = start;
  for (let labels = 0; labels <= MAX_LABELS; labels++) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    if (size >= 0xc0) {
      const target = read16(bytes, at) & 0x3fff;
      if (next < 0) next = at + 2;
      if (at + 1 >= bytes.length || target >= bound) return undefined;
      at = bound = target;
      continue;
    }
    if (size >= 0x40) return undefined;
    if (size === 0) return { name: name || ".", next: next < 0 ? at + 1 : next };
    length += size + 1;
    if (length > MAX_NAME || at + 1 + size > bytes.length) return undefined;
    if (name !== "") name += ".";
    for (let byte = at + 1; byte <= at + size; byte++) {
      const code = bytes[byte]!;
      name += code === 0x2e ? "\\046" : character(code).toLowerCase();
    }
    at += size + 1;
  }
  return undefined;
}

function character(code: number): string {
  return code > 0x20 && code < 0x7f && code !== 0x5c
    ? String.fromCharCode(code)
    : code === 0x20
    ? " "
    : `\\${String(code).padStart(3, "0")}`;
}
