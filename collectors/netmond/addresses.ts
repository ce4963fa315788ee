/**
 * Reads an address as the kernel writes it into its tables of sockets and routes: hexadecimal, each group of four bytes
 * as a number of the machine, which is little-endian on all that Deno runs on. An IPv4 address in IPv6 clothes comes out
 * as the IPv4 address: it is the same peer, whichever kind of socket the program has opened for it.
 */
export function parseKernelAddress(hex: string): string {
  return hex.length === 8
    ? ipv4(parseKernelNumber(hex))
    : ipv6([0, 8, 16, 24].map((at) => parseKernelNumber(hex.slice(at, at + 8))));
}

/** Reads four bytes of an address in the form that {@linkcode parseKernelAddress} reads, as a number. */
export function parseKernelNumber(hex: string): number {
  const number = parseInt(hex, 16);
  return (number << 24 | (number & 0xff00) << 8 | number >>> 8 & 0xff00 | number >>> 24) >>> 0;
}

/** Reads an IPv6 address of 32 hexadecimal digits in the order of the network, as `if_inet6` and `ipv6_route` have it. */
export function parseNetworkAddress(hex: string): string {
  return ipv6([0, 8, 16, 24].map((at) => parseInt(hex.slice(at, at + 8), 16)));
}

/** A number as a dotted IPv4 address. */
export function ipv4(number: number): string {
  return `${number >>> 24}.${number >>> 16 & 255}.${number >>> 8 & 255}.${number & 255}`;
}

/** The number of a dotted IPv4 address. */
export function ipv4Number(address: string): number {
  return address.split(".").reduce((number, part) => (number << 8 | Number(part)) >>> 0, 0);
}

/** The netmask of a prefix length, as a number. */
export function ipv4Mask(prefix: number): number {
  return prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
}

/** The prefix length of a netmask. */
export function prefixOf(mask: number): number {
  return Math.clz32(~mask);
}

/** The netmask of a prefix length, as an address of the same kind as another one. */
export function netmaskLike(address: string, prefix: number): string {
  if (!address.includes(":")) return ipv4(ipv4Mask(prefix));
  return ipv6([0, 32, 64, 96].map((at) => ipv4Mask(Math.min(32, Math.max(0, prefix - at)))));
}

/** An address of either kind as it stands before a port. */
export function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Four words in the order of the network as text by RFC 5952; mapped IPv4 addresses as IPv4. */
function ipv6(words: readonly number[]): string {
  const [first, second, third, fourth] = words as [number, number, number, number];
  if (first === 0 && second === 0 && third === 0xffff) return ipv4(fourth);
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  const { start, length } = longestZeros(groups);
  return length < 2
    ? text(groups)
    : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(
  groups: readonly number[],
): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}
