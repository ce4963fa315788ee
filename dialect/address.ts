import { type SqlValue, textOf } from "./text.ts";

/** What {@linkcode addressClass} tells apart. */
export type AddressClass = "loopback" | "private" | "link_local" | "multicast" | "public";

/** An address as its bytes: 4 of IPv4, 16 of IPv6. */
type Address = readonly number[];

/** Longer than any textual address with a zone; what is longer is none. */
const MAX_LENGTH = 128;

/** The first 12 bytes of an IPv6 address that stands for an IPv4 one. */
const MAPPED: Address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Networks by class, looked through from the top; what lies in none is public, `null` belongs to no peer at all. */
const NETWORKS: readonly (readonly [AddressClass | null, Network])[] = ([
  [null, "0.0.0.0/8"],
  [null, "::/128"],
  ["loopback", "127.0.0.0/8"],
  ["loopback", "::1/128"],
  ["private", "10.0.0.0/8"],
  ["private", "172.16.0.0/12"],
  ["private", "192.168.0.0/16"],
  ["private", "100.64.0.0/10"],
  ["private", "198.18.0.0/15"],
  ["private", "fc00::/7"],
  ["private", "fec0::/10"],
  ["link_local", "169.254.0.0/16"],
  ["link_local", "fe80::/10"],
  ["multicast", "224.0.0.0/4"],
  ["multicast", "255.255.255.255/32"],
  ["multicast", "ff00::/8"],
] as const).map(([name, cidr]) => [name, parseNetwork(cidr)!]);

/** The addresses that share the first `length` bits. */
interface Network {
  readonly address: Address;
  readonly length: number;
}

/**
 * Whether an address lies in a network (`10.0.0.0/8`, `fe80::/10`, or a single address). An IPv4 address written as
 * IPv6 (`::ffff:10.0.0.1`) counts as IPv4. NULL if either is NULL or not an address; false across families.
 */
export function inCidr(address: SqlValue, cidr: SqlValue): boolean | null {
  const [text, block] = [textOf(address), textOf(cidr)];
  if (text === null || block === null) return null;
  const parsed = parseAddress(text);
  const network = parseNetwork(block);
  return parsed && network ? contains(network, parsed) : null;
}

/**
 * What kind of peer an address is. Shared (100.64.0.0/10), benchmarking (198.18.0.0/15) and site-local networks are
 * private; the broadcast address is multicast; documentation networks are public, as fixtures mean them. NULL if it is
 * not an address, or the unspecified one (0.0.0.0, ::), which is nobody's.
 */
export function addressClass(address: SqlValue): AddressClass | null {
  const text = textOf(address);
  const parsed = text === null ? null : parseAddress(text);
  if (!parsed) return null;
  const found = NETWORKS.find(([, network]) => contains(network, parsed));
  return found ? found[0] : "public";
}

function contains({ address, length }: Network, candidate: Address): boolean {
  if (candidate.length !== address.length) return false;
  const whole = length >> 3;
  for (let index = 0; index < whole; index++) {
    if (address[index] !== candidate[index]) return false;
  }
  const rest = length & 7;
  return rest === 0 || (address[whole]! ^ candidate[whole]!) >> (8 - rest) === 0;
}

function parseNetwork(text: string): Network | null {
  const [, base = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = parseBytes(base);
  if (!bytes) return null;
  const full = bytes.length * 8;
  const length = bits === undefined ? full : Number(bits);
  if (length > full) return null;
  return isMapped(bytes) && length >= 96
    ? { address: bytes.slice(12), length: length - 96 }
    : { address: bytes, length };
}

function parseAddress(text: string): Address | null {
  const bytes = parseBytes(text);
  return bytes && isMapped(bytes) ? bytes.slice(12) : bytes;
}

function isMapped(bytes: Address): boolean {
  return bytes.length === 16 && MAPPED.every((byte, index) => bytes[index] === byte);
}

function parseBytes(text: string): Address | null {
  if (text.length > MAX_LENGTH) return null;
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** Four decimal numbers; a leading zero is refused, since some programs read it as octal. */
function parseV4(text: string): Address | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => /^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256);
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

/** RFC 4291 text, an IPv4 tail and a zone (`%eth0`) included. */
function parseV6(text: string): Address | null {
  const halves = text.replace(/%.+$/, "").split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (!head || tail === null) return null;
  if (!tail) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : null;
}

function parseGroups(text: string, mayEndInV4: boolean): Address | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      const v4 = mayEndInV4 && index === groups.length - 1 ? parseV4(group) : null;
      if (!v4) return null;
      bytes.push(...v4);
    }
  }
  return bytes.length <= 16 ? bytes : null;
}
