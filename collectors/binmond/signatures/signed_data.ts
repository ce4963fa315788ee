import { createHash, createVerify, X509Certificate } from "node:crypto";
import { type Element, elementsOf, firstElement, isSame, TAG, toHex, within } from "./der.ts";
import type { Sink } from "./digest.ts";
import { distinguishedName } from "./names.ts";

/** A content with its signature (PKCS#7, RFC 2315; CMS, RFC 5652). */
export interface SignedData {
  /** What is signed: the element that holds it; `undefined` where it is elsewhere. */
  readonly content: Element | undefined;
  /**
   * Whether the signature is one of this content by the signer's key; `undefined` where it is of a kind that is not known,
   * or the key is not known.
   */
  readonly valid: boolean | undefined;
  /** The signer's certificate, and who issued it, as far as they are known; empty where not even the signer's is. */
  readonly chain: readonly X509Certificate[];
  /** Certificates in the message, as they are. */
  readonly certificates: readonly Uint8Array[];
  /** How the message names the signer's certificate. */
  readonly signer: SignerName;
  /** The hash function that the signer used, where it is a known one. */
  readonly hash: string | undefined;
  /** What was signed beside the content: values by the type's object identifier, in hexadecimal. */
  readonly signedAttributes: Attributes;
  /** What was added afterwards, as countersignatures are. */
  readonly unsignedAttributes: Attributes;
  /** The signature as it is. */
  readonly signature: Uint8Array;
}

/** Issuer and serial number, or the identifier of the key. */
export interface SignerName {
  /** Name of who issued the certificate, an attribute a line. */
  readonly issuer?: string;
  /** Its number, hexadecimal. */
  readonly serial?: string;
  /** The identifier of the key, hexadecimal. */
  readonly key_id?: string;
}

/** Values of attributes by their type. */
export type Attributes = ReadonlyMap<string, readonly Element[]>;

/** What is not in the message. */
export interface Beside {
  /** Gives what is signed to a hash, where it is not in the message. */
  readonly content?: (sink: Sink) => void;
  /** More certificates among which the signer's may be. */
  readonly certificates?: readonly Uint8Array[];
}

/** Hash functions by their object identifiers, in hexadecimal. */
export const HASHES: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040204": "sha224",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

const MESSAGE_DIGEST = "2a864886f70d010904";
/** RSA with or without a hash function named, and ECDSA. */
const ALGORITHMS =
  /^(2a864886f70d0101(01|05|0b|0c|0d|0e)|2a8648ce3d0(201|401|40301|40302|40303|40304))$/;
const MAX_CHAIN = 10;

/**
 * Reads a message that is signed, and tries its first signature.
 *
 * @throws {SyntaxError} where it is none
 */
export function readSignedData(bytes: Uint8Array, beside: Beside = {}): SignedData {
  const [, wrapped] = within(firstElement(bytes), TAG.SEQUENCE);
  const parts = within(within(wrapped, 0xa0)[0], TAG.SEQUENCE);
  const [, wrappedContent] = within(parts[2], TAG.SEQUENCE);
  const content = wrappedContent && within(wrappedContent, 0xa0)[0];
  if (!content && !beside.content) throw new SyntaxError("nothing is signed");
  const bag = parts.slice(3).find(({ tag }) => tag === 0xa0);
  const certificates = bag ? elementsOf(bag.content).map(({ whole }) => whole) : [];
  const read = readSigner(within(parts.at(-1), TAG.SET)[0], {
    content: content ? (sink) => sink.update(content.content) : beside.content!,
    certificates: [...certificates, ...beside.certificates ?? []],
  });
  return { content, certificates, ...read };
}

/**
 * Tries the signature of one signer.
 *
 * @throws {SyntaxError} where there is none
 */
export function readSigner(
  info: Element | undefined,
  { content, certificates }: Required<Beside>,
): Omit<SignedData, "content" | "certificates"> {
  const [, named, digest, ...rest] = within(info, TAG.SEQUENCE);
  const attributes = rest[0]?.tag === 0xa0 ? rest.shift() : undefined;
  const [algorithm, signature, added] = rest;
  if (signature?.tag !== TAG.OCTETS) throw new SyntaxError("there is no signature");
  const hash = HASHES[oidOf(digest)];
  const own = certificates.find((one) => isNamed(one, named));
  const chain = own ? chainOf(new X509Certificate(own), certificates) : [];
  const read = {
    chain,
    hash,
    signer: nameOf(named),
    signature: signature.content,
    signedAttributes: attributesOf(attributes),
    unsignedAttributes: attributesOf(added?.tag === 0xa1 ? added : undefined),
  };
  if (!own || !hash || !ALGORITHMS.test(oidOf(algorithm))) return { ...read, valid: undefined };
  const verify = createVerify(hash);
  let isTold = true;
  if (attributes) {
    // What is signed is the set of attributes, as a set and not by its place in the message.
    const signed = Uint8Array.from(attributes.whole);
    signed[0] = TAG.SET;
    verify.update(signed);
    const told = read.signedAttributes.get(MESSAGE_DIGEST)?.[0];
    const sum = createHash(hash);
    content(sum);
    isTold = !!told && isSame(told.content, sum.digest());
  } else content(verify);
  const fits = isTold && attempt(() => verify.verify(chain[0]!.publicKey, signature.content));
  return { ...read, valid: fits };
}

/** What something gives; `undefined` for keys with which nothing can be tried, as very long ones. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** Whether a certificate is the one that a signer is named by. */
function isNamed(certificate: Uint8Array, named: Element | undefined): boolean {
  const fields = within(within(firstElement(certificate), TAG.SEQUENCE)[0], TAG.SEQUENCE);
  const [number, , by] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (named?.tag === KEY_ID) {
    const extensions = fields.find(({ tag }) => tag === 0xa3);
    return !!extensions && within(within(extensions, 0xa3)[0], TAG.SEQUENCE).some((one) => {
      const parts = within(one, TAG.SEQUENCE);
      const value = parts.at(-1);
      return parts[0] && toHex(parts[0].content) === SUBJECT_KEY_ID && value &&
        isSame(firstElement(value.content).content, named.content);
    });
  }
  const [issuer, serial] = within(named, TAG.SEQUENCE);
  return !!number && !!by && !!serial && !!issuer && isSame(number.whole, serial.whole) &&
    isSame(by.whole, issuer.whole);
}

const KEY_ID = 0x80;
const SUBJECT_KEY_ID = "551d0e";

function nameOf(named: Element | undefined): SignerName {
  if (named?.tag === KEY_ID) return { key_id: toHex(named.content) };
  const [issuer, serial] = within(named, TAG.SEQUENCE);
  return { issuer: distinguishedName(issuer), serial: serial ? toHex(serial.content) : "" };
}

function attributesOf(set: Element | undefined): Attributes {
  const all = new Map<string, readonly Element[]>();
  for (const one of set ? elementsOf(set.content) : []) {
    const [type, values] = within(one, TAG.SEQUENCE);
    if (type) all.set(toHex(type.content), within(values, TAG.SET));
  }
  return all;
}

/** The object identifier of an algorithm, in hexadecimal. */
export function oidOf(algorithm: Element | undefined): string {
  const [type] = within(algorithm, TAG.SEQUENCE);
  return type?.tag === TAG.OID ? toHex(type.content) : "";
}

function chainOf(first: X509Certificate, certificates: readonly Uint8Array[]): X509Certificate[] {
  const all = certificates.map((one) => new X509Certificate(one));
  const chain = [first];
  const isIn = (one: X509Certificate) => chain.some(({ raw }) => isSame(raw, one.raw));
  while (chain.length < MAX_CHAIN) {
    const last = chain.at(-1)!;
    const next = all.find((one) =>
      !isIn(one) && last.checkIssued(one) && attempt(() => last.verify(one.publicKey))
    );
    if (!next) break;
    chain.push(next);
  }
  return chain;
}
