import { createHmac } from "node:crypto";

/** What kind of thing a pseudonym stands for: each kind has names of its own. */
export type Kind = "user" | "host" | "id" | "secret" | "ipv4" | "ipv6" | "mac";

/**
 * Gives values other names. A name is drawn by HMAC-SHA256 over seed, kind and value, so that the same seed names the same
 * value alike in every recording, and nobody without the seed finds the value by trying. Two values never share a name:
 * where a draw is taken, another one follows.
 */
export interface Pseudonyms {
  /**
   * The name of a value.
   *
   * @param draw makes a name of 32 bytes; it is called again with other bytes where the name is taken, and is told when
   * most of the names that it draws from are
   */
  name(kind: Kind, value: string, draw: (bytes: Uint8Array, crowded: boolean) => string): string;
  /** How many values were named. */
  readonly size: number;
}

/** Attempts after which a draw's names count as used up, and the last one is shared. */
const MAX_DRAWS = 256;
/** Attempts after which it is to draw from more names. */
const CROWDED = 8;

/** Pseudonyms under a seed. */
export function createPseudonyms(seed: string): Pseudonyms {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return {
    name(kind, value, draw) {
      const key = `${kind} ${value}`;
      let name = names.get(key);
      for (let attempt = 0; name === undefined; attempt++) {
        const bytes = createHmac("sha256", seed).update(`${attempt} ${key}`).digest();
        const drawn = draw(bytes, attempt >= CROWDED);
        if (taken.has(`${kind} ${drawn}`) && attempt < MAX_DRAWS) continue;
        name = drawn;
        names.set(key, name);
        taken.add(`${kind} ${name}`);
      }
      return name;
    },
    get size() {
      return names.size;
    },
  };
}

/** A number below a limit, drawn from the first bytes. */
export function drawNumber(bytes: Uint8Array, limit: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % limit;
}

/**
 * Text of the same shape: letters for letters of the same case, digits for digits, everything else as it was. Hexadecimal
 * text stays hexadecimal, so that what only looks at the form of an id finds it again.
 */
export function drawShape(bytes: Uint8Array, shape: string): string {
  const letters = /^[\da-fA-F-]*$/.test(shape) ? 6 : 26;
  let at = 0;
  return shape.replace(/[0-9a-zA-Z]/g, (character) => {
    // Ids longer than the hash go through it again, from another point.
    const byte = bytes[at % bytes.length]! ^ (Math.floor(at / bytes.length) * 97 & 0xff);
    at++;
    if (/\d/.test(character)) return String(byte % 10);
    const first = character === character.toLowerCase() ? 97 : 65;
    return String.fromCharCode(first + byte % letters);
  });
}
