import { addressClass, inCidr } from "../../dialect/mod.ts";
import { drawNumber, type Pseudonyms } from "./pseudonyms.ts";

/** Private networks of IPv4; a pseudonym lies in the same one. */
const PRIVATE_V4 = [
  ["10.0.0.0/8", 24],
  ["172.16.0.0/12", 20],
  ["192.168.0.0/16", 16],
  ["100.64.0.0/10", 22],
  ["198.18.0.0/15", 17],
  ["169.254.0.0/16", 16],
] as const;

/** Documentation networks (RFC 5737) count as public and are nobody's. */
const DOCUMENTATION_V4 = ["192.0.2.", "198.51.100.", "203.0.113."];

/** Nobody's either (RFC 1112), and more of them. */
const RESERVED_V4 = { first: numberOf("240.0.0.0"), bits: 27 };

/** The metadata service of cloud providers: every host there has it, and detections know it by its address. */
const METADATA_SERVICE = new Set(["169.254.169.254", "169.254.170.2", "fd00:ec2::254"]);

/** Four numbers that neither belong to a longer number nor to a name such as `libssl.so.1.1.0.2`. */
const V4 = /(?<!\d|\d\.|\.so\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g;

/** Groups of hexadecimal digits with at least two colons, perhaps with an IPv4 tail. */
const V6 =
  /(?<![\w:.])(?=[\da-fA-F]*:[\da-fA-F:.]*:)[\da-fA-F:]+(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)/g;

/** Hardware addresses. */
const MAC =
  /(?<![\da-fA-F:-])[\da-fA-F]{2}([:-])(?:[\da-fA-F]{2}\1){4}[\da-fA-F]{2}(?![\da-fA-F:-])/g;

/**
 * Replaces addresses by others of the same class (see the dialect's `address_class`): private ones stay in their network,
 * public ones become addresses that are kept for documentation. Loopback, multicast and unspecified addresses say nothing
 * of a host and stay.
 *
 * @param mark told of each replacement, gives what is to stand in the text
 */
export function replaceAddresses(
  text: string,
  names: Pseudonyms,
  mark: (original: string, replacement: string) => string,
): string {
  if (!/[.:-]/.test(text)) return text;
  const by = (rename: (address: string, names: Pseudonyms) => string) => (address: string) => {
    const replacement = METADATA_SERVICE.has(address) ? address : rename(address, names);
    return replacement === address ? address : mark(address, replacement);
  };
  return text.replace(MAC, by(hardware)).replace(V6, by(v6)).replace(V4, by(v4));
}

function v4(address: string, names: Pseudonyms): string {
  switch (addressClass(address)) {
    case "private":
    case "link_local": {
      const [network, bits] = PRIVATE_V4.find(([cidr]) => inCidr(address, cidr))!;
      const base = numberOf(network.split("/")[0]!);
      return names.name("ipv4", address, (bytes) =>
        // Neither the network's own address nor that of all its hosts.
        dotted(base + 1 + drawNumber(bytes, 2 ** bits - 2)));
    }
    case "public":
      return names.name("ipv4", address, (bytes, crowded) => {
        if (crowded) return dotted(RESERVED_V4.first + drawNumber(bytes, 2 ** RESERVED_V4.bits));
        const at = drawNumber(bytes, 254 * DOCUMENTATION_V4.length);
        return DOCUMENTATION_V4[Math.floor(at / 254)]! + (1 + at % 254);
      });
    default:
      return address;
  }
}

function v6(address: string, names: Pseudonyms): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped) return address.slice(0, 7) + v4(mapped, names);
  // `a::b` is an address, but more often a name in C++ or Perl.
  if (!/\d/.test(address)) return address;
  const prefix = { private: "fd00:", link_local: "fe80::", public: "2001:db8:" }[
    addressClass(address) as string
  ];
  if (prefix === undefined) return address;
  return names.name("ipv6", address, (bytes) => {
    const group = (at: number) => (bytes[at]! << 8 | bytes[at + 1]! | 0x1000).toString(16);
    return prefix.endsWith("::")
      ? `${prefix}${group(0)}:${group(2)}`
      : `${prefix}${group(0)}::${group(2)}`;
  });
}

/** A hardware address that is locally administered, so that it names no maker. */
function hardware(mac: string, names: Pseudonyms): string {
  const bytes = mac.split(/[:-]/);
  if (bytes.every((byte) => byte === "00") || bytes.every((byte) => /^f+$/i.test(byte))) return mac;
  const separator = mac[2]!;
  return names.name(
    "mac",
    mac,
    (drawn) =>
      ["02", ...Array.from(drawn.slice(0, 5), (byte) => byte.toString(16).padStart(2, "0"))]
        .join(separator),
  );
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
