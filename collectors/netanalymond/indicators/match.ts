import { type Indicator, normalize, typeOf } from "./indicator.ts";

/** Indicators by what they are looked for with. */
export interface Indicators {
  /** All of them. */
  readonly all: readonly Indicator[];
  /** Those that mean a value. */
  find(value: string): readonly Indicator[];
  /** Those of an identity. */
  byId(id: string): readonly Indicator[];
}

/**
 * Makes {@linkcode Indicators}.
 *
 * A value is meant by an indicator with the same value; an address also by a network that it lies in, a name also by a
 * domain above it, a URL also by the name or the address of its host. Case counts in paths, in what comes after a URL's
 * host, and in what is of no known kind.
 */
export function createIndicators(all: readonly Indicator[]): Indicators {
  const exact = Map.groupBy(all, ({ indicator_value }) => indicator_value);
  const ids = Map.groupBy(all, ({ indicator_id }) => indicator_id);
  // An address is a network of one, however it is written.
  const networks = Map.groupBy(
    all.flatMap((indicator) => {
      const { indicator_type, indicator_value } = indicator;
      const isNetwork = indicator_type === "cidr" || indicator_type === "ip";
      const key = isNetwork ? networkKey(indicator_value) : undefined;
      return key ? [{ key, indicator }] : [];
    }),
    ({ key }) => key.text,
  );
  const prefixes = new Set(
    [...networks.values()].map(([first]) => `${first!.key.width}/${first!.key.prefix}`),
  );

  const ofAddress = (address: string): Indicator[] => {
    const bits = addressBits(address);
    if (!bits) return [];
    const { width } = bits;
    return [...prefixes].flatMap((text) => {
      const [family, prefix] = text.split("/").map(Number) as [number, number];
      if (family !== width) return [];
      const found = networks.get(maskedKey(bits, prefix));
      return found?.map(({ indicator }) => indicator) ?? [];
    });
  };
  const ofName = (name: string): Indicator[] => {
    const labels = normalize("domain", name).split(".").slice(-MAX_LABELS);
    return labels.flatMap((_, index) =>
      (exact.get(labels.slice(index).join(".")) ?? [])
        .filter(({ indicator_type }) => index === 0 || indicator_type === "domain")
    );
  };

  return {
    all,
    find(value) {
      const type = typeOf(value);
      const small = value.toLowerCase();
      switch (type) {
        case "ip":
          return ofAddress(small);
        case "domain":
          return ofName(small);
        case "url": {
          const url = URL.parse(value);
          if (!url) return exact.get(value) ?? [];
          const host = url.hostname.replace(/^\[|\]$/g, "");
          const ofHost = typeOf(host) === "ip" ? ofAddress(host) : ofName(host);
          return [...exact.get(url.href) ?? [], ...ofHost];
        }
        case "hash":
        case "email":
        case "cidr":
          return exact.get(small) ?? [];
        default:
          // A name of one label looks like nothing; `localhost.` may still be listed.
          return exact.get(value) ?? ofName(small);
      }
    },
    byId: (id) => ids.get(id) ?? [],
  };
}

/** Whether an indicator counts at a time: it was not taken back, and is valid then. */
export function isValid({ revoked, valid_from, valid_until }: Indicator, now: number): boolean {
  return !revoked && (valid_from ?? -Infinity) <= now && now < (valid_until ?? Infinity);
}

/** No name has more. */
const MAX_LABELS = 128;

interface Bits {
  readonly value: bigint;
  readonly width: 32 | 128;
}

/** An address as a number; one of IPv4 in IPv6 clothes as that of IPv4. */
function addressBits(text: string): Bits | undefined {
  if (!text.includes(":")) {
    const parts = text.split(".").map(Number);
    if (parts.length !== 4) return undefined;
    const value = parts.reduce((sum, part) => sum << 8n | BigInt(part), 0n);
    return { value, width: 32 };
  }
  const plain = text.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, ...parts) =>
      [0, 2].map((at) => (Number(parts[at]) << 8 | Number(parts[at + 1])).toString(16)).join(":"),
  );
  const [head = "", tail] = plain.split("::", 2);
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array<string>(zeros).fill("0"), ...after];
  if (all.length !== 8) return undefined;
  const value = all.reduce((sum, group) => sum << 16n | BigInt(parseInt(group, 16) || 0), 0n);
  return value >> 32n === 0xffffn
    ? { value: value & 0xffff_ffffn, width: 32 }
    : { value, width: 128 };
}

/** A network, or an address as a network of one, in the form by which they are compared; `undefined` for what is none. */
export function networkKey(
  network: string,
): { readonly text: string; readonly width: number; readonly prefix: number } | undefined {
  const [address = "", digits] = network.split("/", 2);
  const bits = typeOf(address) === "ip" ? addressBits(address) : undefined;
  if (!bits || digits !== undefined && !/^\d{1,3}$/.test(digits)) return undefined;
  const { width } = bits;
  // In IPv6 clothes a network of IPv4 is 96 bits longer.
  const clothes = width === 32 && address.includes(":") ? 96 : 0;
  const prefix = digits === undefined ? width : Number(digits) - clothes;
  if (prefix < 0 || prefix > width) return undefined;
  return { text: maskedKey(bits, prefix), width, prefix };
}

function maskedKey({ value, width }: Bits, prefix: number): string {
  return `${width}/${prefix} ${value >> BigInt(width - prefix)}`;
}
