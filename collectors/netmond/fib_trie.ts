import { ipv4Mask, ipv4Number } from "./addresses.ts";

/** What the kernel's routing of IPv4 says of a host's own addresses. */
export interface LocalRoutes {
  /** The host's own addresses. */
  readonly addresses: readonly string[];
  /** Networks of which every address is the host's own, with their prefix length. */
  readonly networks: readonly { readonly network: string; readonly prefix: number }[];
  /** Addresses that reach all of a network. */
  readonly broadcasts: ReadonlySet<string>;
}

/** Reads routes line by line. */
export interface FibTrieParser {
  /** Takes a line. */
  line(text: string): void;
  /** What the lines so far say. */
  routes(): LocalRoutes;
}

/**
 * Makes a parser of `/proc/<pid>/net/fib_trie`: after a line with an address, indented further, come its routes with
 * prefix length, scope and kind. Where routing has no rules of its own, all tables are printed in the place of each.
 */
export function createFibTrieParser(): FibTrieParser {
  const addresses = new Set<string>();
  const networks = new Map<string, LocalRoutes["networks"][number]>();
  const broadcasts = new Set<string>();
  let address: string | undefined;
  return {
    line(text) {
      address = /^ *\|-- (\d{1,3}(?:\.\d{1,3}){3})$/.exec(text)?.[1] ?? address;
      const [, length, kind] = /^ *\/(\d{1,2}) \S+ (LOCAL|BROADCAST)/.exec(text) ?? [];
      const prefix = Number(length);
      if (address === undefined || kind === undefined || prefix > 32) return;
      if (kind === "BROADCAST") broadcasts.add(address);
      else if (prefix === 32) addresses.add(address);
      else networks.set(`${address}/${prefix}`, { network: address, prefix });
    },
    routes: () => ({ addresses: [...addresses], networks: [...networks.values()], broadcasts }),
  };
}

/** Whether an address is in a network. */
export function isWithin(address: string, network: string, prefix: number): boolean {
  const mask = ipv4Mask(prefix);
  return (ipv4Number(address) & mask) === (ipv4Number(network) & mask);
}
