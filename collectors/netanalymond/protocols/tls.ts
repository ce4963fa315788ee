import { X509Certificate } from "node:crypto";
import { read16 } from "../capture/ip.ts";
import { createWaiting, type Dissector, type Emit, type Side } from "../exchange.ts";
import type { Flow } from "../flow.ts";
import { cipherSuite } from "./cipher_suites.ts";
import {
  type ClientHello,
  firstCertificate,
  parseClientHello,
  parseServerHello,
  type ServerHello,
  versionName,
} from "./tls_hello.ts";

/** Types of records (RFC 8446, 5.1). */
const CHANGE_CIPHER = 20;
const ALERT = 21;
const HANDSHAKE = 22;

/** Types of handshake messages. */
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_HELLO_DONE = 14;

/** A record is not longer (RFC 8446, 5.2), but for what old versions add. */
const MAX_RECORD = 16_384 + 2048;

const TLS_1_3 = 0x0304;

/** Whether a side begins with a hello of TLS, and whose: 0 the client's, 1 the server's. */
export function beginsTls(bytes: Uint8Array): Side | undefined {
  if (bytes[0] !== HANDSHAKE || bytes[1] !== 3 || bytes[2]! > 4) return undefined;
  return bytes[5] === CLIENT_HELLO ? 0 : bytes[5] === SERVER_HELLO ? 1 : undefined;
}

/**
 * Reads the handshake of TLS as far as it is in clear: both hellos, and up to TLS 1.2 the server's certificate. One that
 * comes to no agreement is told without a cipher suite.
 */
export function createTlsDissector(flow: Flow, emit: Emit): Dissector {
  const records = [createWaiting(), createWaiting()] as const;
  const messages = [createWaiting(), createWaiting()] as const;
  const ended = [false, false];
  let began: number | undefined;
  let client: ClientHello | undefined;
  let server: ServerHello | undefined;
  let issuer: string | undefined;
  let told = false;

  const tell = () => {
    if (told || began === undefined || !client && !server) return;
    told = true;
    const agreed = server && !server.retry ? server : undefined;
    emit({
      flow,
      time: began,
      protocol: "tls",
      version: versionName(agreed?.version ?? client?.version ?? server!.version),
      ssl_version: agreed ? versionName(agreed.version) : null,
      cipher_suite: agreed ? cipherSuite(agreed.cipher) : null,
      certificate_issuer: issuer ?? null,
      more: {
        ...client?.server_name !== undefined && { server_name: client.server_name },
        ...client && client.alpn.length > 0 && { alpn: client.alpn },
        ...agreed?.alpn !== undefined && { alpn_agreed: agreed.alpn },
      },
    });
  };

  /** Takes a handshake message; answers whether there may be more in clear that matters. */
  const take = (side: Side, type: number, body: Uint8Array): boolean => {
    if (side === 0) {
      if (type === CLIENT_HELLO) client ??= parseClientHello(body);
      return type === CLIENT_HELLO;
    }
    if (type === SERVER_HELLO) {
      server = parseServerHello(body);
      return server !== undefined && (server.retry || server.version < TLS_1_3);
    }
    if (type === CERTIFICATE) issuer = issuerOf(firstCertificate(body));
    return type !== CERTIFICATE && type !== SERVER_HELLO_DONE;
  };

  const readMessages = (side: Side): boolean => {
    const waiting = messages[side];
    while (waiting.bytes.length >= 4) {
      const { bytes } = waiting;
      const length = bytes[1]! << 16 | read16(bytes, 2);
      if (bytes.length < 4 + length) return length <= MAX_HANDSHAKE;
      if (!take(side, bytes[0]!, bytes.subarray(4, 4 + length))) return false;
      waiting.drop(4 + length);
    }
    return true;
  };

  /** Takes whole records; answers whether to go on. */
  const readRecords = (side: Side): boolean => {
    const waiting = records[side];
    while (waiting.bytes.length >= 5) {
      const { bytes } = waiting;
      const type = bytes[0]!;
      const length = read16(bytes, 3);
      const handshake = type === HANDSHAKE && bytes[1] === 3 && length <= MAX_RECORD;
      // What a retry is asked with may be followed by this; otherwise what comes next is encrypted.
      if (type === CHANGE_CIPHER && length === 1 && (server?.retry || side === 0 && !server)) {
        if (bytes.length < 6) return true;
        waiting.drop(6);
        continue;
      }
      if (!handshake) return type === ALERT && side === 0 && !server;
      if (bytes.length < 5 + length) return true;
      if (!messages[side].add(bytes.subarray(5, 5 + length))) return false;
      waiting.drop(5 + length);
      if (!readMessages(side)) return false;
    }
    return true;
  };

  return {
    protocol: "tls",
    data(side, bytes, time) {
      began ??= time;
      if (ended[side]) return !ended[1];
      if (!records[side].add(bytes.subarray(0, MAX_PIECE)) || !readRecords(side)) {
        ended[side] = true;
      }
      // All that matters in the end is what the server says.
      return !ended[1];
    },
    gap(side) {
      ended[side] = true;
    },
    end: tell,
  };
}

/** Longer messages are not read: those that matter fit. */
const MAX_HANDSHAKE = 32_000;
/** Of what comes at once, no more is of use. */
const MAX_PIECE = 32_768;

/** Who issued a certificate, from the country to the name; `undefined` where it cannot be read. */
function issuerOf(certificate: Uint8Array | undefined): string | undefined {
  if (!certificate) return undefined;
  try {
    return new X509Certificate(certificate).issuer.replaceAll("\n", ", ").slice(0, 1024);
  } catch {
    return undefined;
  }
}
