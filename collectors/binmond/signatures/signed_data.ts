import { createHash, createVerify, X509Certificate } from "node:crypto";
import { type Element, elementsOf, firstElement, isSame, TAG, toHex, within } from "./der.ts";

/** A content with its signature (PKCS#7, RFC 2315). */
export interface SignedData {
  /** What is signed: the element that holds it. */
  readonly content: Element;
  /** Whether the signature is one of this content by the signer's key; `undefined` where it is of a kind that is not known. */
  readonly valid: boolean | undefined;
  /** The signer's certificate, and who issued it, as far as they are in the message. */
  readonly chain: readonly X509Certificate[];
}

/** Hash functions by their object identifiers, in hexadecimal. */
export const HASHES: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

const MESSAGE_DIGEST = "2a864886f70d010904";
/** RSA with or without a hash function named, and ECDSA. */
const ALGORITHMS = /^(2a864886f70d0101(01|05|0b|0c|0d)|2a8648ce3d0(201|401|40302|40303|40304))$/;
const MAX_CHAIN = 10;

/**
 * Reads a message that is signed, and tries its first signature.
 *
 * @throws {SyntaxError} where it is none
 */
export function readSignedData(bytes: Uint8Array): SignedData {
  const [, wrapped] = within(firstElement(bytes), TAG.SEQUENCE);
  const parts = within(within(wrapped, 0xa0)[0], TAG.SEQUENCE);
  const [, wrappedContent] = within(parts[2], TAG.SEQUENCE);
  const content = within(wrappedContent, 0xa0)[0];
  if (!content) throw new SyntaxError("nothing is signed");
  const bag = parts.slice(3).find(({ tag }) => tag === 0xa0);
  const certificates = bag ? elementsOf(bag.content).map(({ whole }) => whole) : [];
  const signer = within(parts.at(-1), TAG.SET)[0];
  const [, named, hash, ...rest] = within(signer, TAG.SEQUENCE);
  const [issuer, serial] = within(named, TAG.SEQUENCE);
  const own = certificates.find((one) => {
    const fields = within(within(firstElement(one), TAG.SEQUENCE)[0], TAG.SEQUENCE);
    const [number, , by] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
    return number && by && serial && issuer && isSame(number.whole, serial.whole) &&
      isSame(by.whole, issuer.whole);
  });
  if (!own) throw new SyntaxError("the signer's certificate is missing");
  const all = certificates.map((one) => new X509Certificate(one));
  const chain = chainOf(all[certificates.indexOf(own)]!, all);
  const attributes = rest[0]?.tag === 0xa0 ? rest[0] : undefined;
  const [algorithm, signature] = attributes ? rest.slice(1) : rest;
  const hashName = HASHES[oidOf(hash)];
  if (!hashName || !signature || !attributes || !ALGORITHMS.test(oidOf(algorithm))) {
    return { content, valid: undefined, chain };
  }
  const digest = createHash(hashName).update(content.content).digest();
  const told = elementsOf(attributes.content).map((one) => within(one, TAG.SEQUENCE))
    .find(([type]) => type && toHex(type.content) === MESSAGE_DIGEST);
  const toldDigest = told && within(told[1], TAG.SET)[0]?.content;
  // What is signed is the set of attributes, as a set and not by its place in the message.
  const signed = Uint8Array.from(attributes.whole);
  signed[0] = TAG.SET;
  const fits = createVerify(hashName).update(signed)
    .verify(chain[0]!.publicKey, signature.content);
  return { content, valid: fits && !!toldDigest && isSame(toldDigest, digest), chain };
}

/** The object identifier of an algorithm, in hexadecimal. */
export function oidOf(algorithm: Element | undefined): string {
  const [type] = within(algorithm, TAG.SEQUENCE);
  return type?.tag === TAG.OID ? toHex(type.content) : "";
}

function chainOf(first: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain = [first];
  while (chain.length < MAX_CHAIN) {
    const last = chain.at(-1)!;
    const next = all.find((one) =>
      !chain.includes(one) && last.checkIssued(one) && last.verify(one.publicKey)
    );
    if (!next) break;
    chain.push(next);
  }
  return chain;
}
