import { createHash } from "node:crypto";
import { firstElement, isSame, TAG, within } from "./der.ts";
import { HASHES, oidOf, readSignedData, readSigner, type SignedData } from "./signed_data.ts";

/** Tokens of a time-stamping authority: `szOID_RFC3161_counterSign` of Microsoft, `id-aa-timeStampToken` of RFC 3161. */
const TOKENS = ["2b060104018237030301", "2a864886f70d010910020e"];
/** `countersignature` of PKCS#9 (RFC 2985), which older signatures have. */
const COUNTERSIGNATURE = "2a864886f70d010906";
const SIGNING_TIME = "2a864886f70d010905";
const UTC_TIME = 23;

/**
 * When a message was signed, as whoever countersigned it says, ms since the epoch. `undefined` where nobody did, "unknown"
 * where somebody did and it does not fit, or is of a kind that cannot be tried.
 */
export function readTimestamp(data: SignedData): number | "unknown" | undefined {
  const token = TOKENS.map((type) => data.unsignedAttributes.get(type)?.[0]).find(Boolean);
  const counter = data.unsignedAttributes.get(COUNTERSIGNATURE)?.[0];
  if (!token && !counter) return undefined;
  try {
    return (token ? readToken(token.whole, data) : readCountersignature(data)) ?? "unknown";
  } catch {
    return "unknown";
  }
}

/** A token (RFC 3161) vouches for the digest of the signature. */
function readToken(bytes: Uint8Array, { signature }: SignedData): number | undefined {
  const token = readSignedData(bytes);
  if (!token.valid || !token.content) return undefined;
  const [, , imprint, , time] = within(firstElement(token.content.content), TAG.SEQUENCE);
  const [algorithm, digest] = within(imprint, TAG.SEQUENCE);
  const hash = HASHES[oidOf(algorithm)];
  if (!hash || !digest || !time) return undefined;
  return isSame(digest.content, createHash(hash).update(signature).digest())
    ? timeOf(time)
    : undefined;
}

function readCountersignature(data: SignedData): number | undefined {
  const { valid, signedAttributes } = readSigner(
    data.unsignedAttributes.get(COUNTERSIGNATURE)![0],
    { content: (sink) => sink.update(data.signature), certificates: data.certificates },
  );
  const time = signedAttributes.get(SIGNING_TIME)?.[0];
  return valid && time ? timeOf(time) : undefined;
}

/** A time of ASN.1, in UTC: `YYMMDDhhmmssZ` (of 1950 to 2049) or `YYYYMMDDhhmmss[.f]Z`. */
function timeOf(
  { tag, content }: { readonly tag: number; readonly content: Uint8Array },
): number | undefined {
  const text = new TextDecoder().decode(content);
  const full = tag === UTC_TIME ? (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(full);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, part = ""] = parts;
  const time = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${part.padEnd(3, "0").slice(0, 3)}Z`,
  );
  return Number.isNaN(time) ? undefined : time;
}
