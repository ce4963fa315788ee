import { read16 } from "../capture/ip.ts";
import { textOf } from "../exchange.ts";

/** What a client says first. */
export interface ClientHello {
  /** The highest version that it knows. */
  readonly version: number;
  /** The name of the server that it asks for. */
  readonly server_name?: string;
  /** Application protocols that it offers. */
  readonly alpn: readonly string[];
}

/** What a server answers. */
export interface ServerHello {
  /** The version agreed on. */
  readonly version: number;
  /** Number of the cipher suite agreed on. */
  readonly cipher: number;
  /** It asks the client to begin again; the answer that counts follows. */
  readonly retry: boolean;
  /** The application protocol agreed on. */
  readonly alpn?: string;
}

/** Numbers of extensions (IANA TLS ExtensionType Values). */
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/** What a server's hello has in the place of its random number where it is a request to retry (RFC 8446, 4.1.3). */
const RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/** Names of versions. */
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1.0"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

/** The name of a version; its number in hexadecimal where it has none, as drafts do. */
export function versionName(version: number): string {
  return VERSIONS.get(version) ?? `0x${version.toString(16).padStart(4, "0")}`;
}

/** Reads the body of a ClientHello (RFC 8446, 4.1.2); `undefined` for what is none. */
export function parseClientHello(bytes: Uint8Array): ClientHello | undefined {
  const legacy = read16(bytes, 0);
  let at = 34;
  at += 1 + (bytes[at] ?? Infinity);
  at += 2 + read16(bytes, at);
  at += 1 + (bytes[at] ?? Infinity);
  if (!(at <= bytes.length)) return undefined;
  const extensions = readExtensions(bytes, at);
  const offered = extensions.get(SUPPORTED_VERSIONS);
  const known: number[] = [];
  for (let at = 1; offered && at + 2 <= offered.length; at += 2) {
    const version = read16(offered, at);
    if (VERSIONS.has(version)) known.push(version);
  }
  const name = extensions.get(SERVER_NAME);
  const isHost = name !== undefined && name[2] === 0 && name.length >= 5;
  return {
    version: known.length > 0 ? Math.max(...known) : legacy,
    ...(isHost && {
      server_name: textOf(name.subarray(5, 5 + read16(name, 3))).toLowerCase(),
    }),
    alpn: readAlpn(extensions.get(ALPN)),
  };
}

/** Reads the body of a ServerHello (RFC 8446, 4.1.3); `undefined` for what is none. */
export function parseServerHello(bytes: Uint8Array): ServerHello | undefined {
  const cipher = 35 + (bytes[34] ?? Infinity);
  if (!(cipher + 3 <= bytes.length)) return undefined;
  const extensions = readExtensions(bytes, cipher + 3);
  const chosen = extensions.get(SUPPORTED_VERSIONS);
  const [alpn] = readAlpn(extensions.get(ALPN));
  return {
    version: chosen?.length === 2 ? read16(chosen, 0) : read16(bytes, 0),
    cipher: read16(bytes, cipher),
    retry: bytes.subarray(2, 34).toHex() === RETRY,
    ...(alpn !== undefined && { alpn }),
  };
}

/** The first certificate of a Certificate message up to TLS 1.2 (RFC 5246, 7.4.2): the server's own. */
export function firstCertificate(bytes: Uint8Array): Uint8Array | undefined {
  const length = (bytes[3] ?? 0) << 16 | read16(bytes, 4);
  return length > 0 && 6 + length <= bytes.length ? bytes.subarray(6, 6 + length) : undefined;
}

function readExtensions(bytes: Uint8Array, start: number): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  const end = Math.min(bytes.length, start + 2 + read16(bytes, start));
  for (let at = start + 2; at + 4 <= end;) {
    const type = read16(bytes, at);
    const next = at + 4 + read16(bytes, at + 2);
    if (next > end) break;
    if (!extensions.has(type)) extensions.set(type, bytes.subarray(at + 4, next));
    at = next;
  }
  return extensions;
}

/** Application protocols, at most as many as anybody offers. */
const MAX_ALPN = 16;

function readAlpn(bytes: Uint8Array | undefined): string[] {
  const names: string[] = [];
  for (let at = 2; bytes && at < bytes.length && names.length < MAX_ALPN;) {
    const end = at + 1 + bytes[at]!;
    if (end > bytes.length) break;
    names.push(textOf(bytes.subarray(at + 1, end)));
    at = end;
  }
  return names;
}
