import { createHash } from "node:crypto";
import { type Anchor, anchoredFinder, type Finder, nativeFinder } from "./search.ts";
import { type Disclosure } from "./secrecy.ts";

/** A kind of text that is searched for. */
export interface Pattern {
  /** A value of `pattern_type`. */
  readonly type: string;
  /** In RE2 syntax. */
  readonly regex: string;
  /** How sure a match is, 0 to 1; see {@linkcode BUILT_IN}. */
  readonly confidence: number | ((text: string) => number);
  /** What is told of a match. */
  readonly disclosure: Disclosure;
  /** What spares to try each place. */
  readonly anchor?: Anchor;
}

/** A number from 0 to 255, as a part of a pattern. */
export const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const TOP_LEVEL =
  "com|net|org|info|biz|edu|gov|mil|int|io|co|me|cc|tv|ai|app|dev|xyz|top|site|online|club|shop|pro|onion|ru|cn|de|uk|fr|nl|eu|us|in|br|jp|kr|pl|it|es|ch|at|se|no|fi|cz|ua|su|ir|kp|tk|ml|ga|cf|gq|pw|ws";

/** Characters of a name of eight parts and a top-level domain. */
const LONGEST_NAME = 8 * 64 + 25;

/**
 * The patterns that are searched for without being asked for. They are written so that RE2 and JavaScript understand them
 * alike and no repetition of one bounded part can be tried in many ways.
 *
 * The confidence is 0.95 where a text carries a mark that nothing else has (a private key from its first line to its last,
 * a token with its issuer's prefix, a wallet with a correct checksum), 0.8 where it has a form that is rare by chance (a
 * URL, a token or wallet without a checksum of its own), 0.6 for addresses of people, 0.5 for IPv4 addresses, which version
 * numbers look like, 0.4 for names of hosts, which file names look like, and 0.1 where a checksum is wrong. A text that
 * a detection's own pattern finds is what its author says: 1.
 */
export const BUILT_IN: readonly Pattern[] = [
  {
    type: "crypto_key",
    regex:
      "-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\\r\\n\\\\n]{1,4}(?:[A-Za-z-]{1,32}: [^\\r\\n\\x00]{1,200}\\r?\\n){0,4}[A-Za-z0-9+/=\\r\\n\\\\ ]{60,}-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY",
    confidence: 0.95,
    disclosure: { kind: "secret", shown: /^-----BEGIN [A-Z0-9 ]+-----/ },
  },
  {
    type: "crypto_key",
    regex: "\\bAGE-SECRET-KEY-1[0-9A-Z]{58}\\b",
    confidence: 0.95,
    disclosure: { kind: "secret", shown: /^AGE-SECRET-KEY-1/ },
  },
  {
    type: "url",
    regex:
      "\\b(?:https?|ftps?|sftp|wss?|ldaps?|stratum\\+(?:tcp|ssl|tls))://[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]{4,1000}",
    confidence: 0.8,
    disclosure: { kind: "url" },
  },
  {
    type: "email",
    regex: "\\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\\.){1,8}[A-Za-z]{2,24}\\b",
    confidence: 0.6,
    disclosure: { kind: "email" },
    anchor: {
      at: /@/g,
      before: [/[A-Za-z0-9._%+-]/, 64],
      after: [/[A-Za-z0-9.-]/, LONGEST_NAME],
    },
  },
  {
    type: "ip",
    regex: `\\b(?:${OCTET}\\.){3}${OCTET}\\b`,
    confidence: 0.5,
    disclosure: { kind: "plain" },
  },
  {
    type: "ip",
    regex: "\\b[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{1,4}:{1,2}){1,6}[0-9A-Fa-f]{1,4}\\b",
    confidence: 0.5,
    disclosure: { kind: "plain" },
  },
  {
    type: "domain",
    regex: `\\b(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\\.){1,8}(?:${TOP_LEVEL})\\b`,
    confidence: 0.4,
    disclosure: { kind: "plain" },
    anchor: {
      at: new RegExp(`\\.(?:${TOP_LEVEL})\\b`, "g"),
      before: [/[A-Za-z0-9.-]/, LONGEST_NAME],
      after: [/[A-Za-z0-9.-]/, LONGEST_NAME],
    },
  },
  {
    type: "wallet",
    regex: `\\b[13][${BASE58}]{25,34}\\b`,
    confidence: (text) => isBase58Check(text) ? 0.95 : 0.1,
    disclosure: { kind: "plain" },
  },
  {
    type: "wallet",
    regex: "\\bbc1[ac-hj-np-z02-9]{11,71}\\b",
    confidence: 0.8,
    disclosure: { kind: "plain" },
  },
  {
    type: "wallet",
    regex: `\\b[48][0-9AB][${BASE58}]{93}\\b`,
    confidence: 0.8,
    disclosure: { kind: "plain" },
  },
  {
    type: "wallet",
    regex: "\\b0x[0-9a-fA-F]{40}\\b",
    confidence: 0.8,
    disclosure: { kind: "plain" },
  },
  {
    type: "token",
    regex:
      "\\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[opusr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{82}|glpat-[A-Za-z0-9_-]{20,64}|xox[abeprs]-[A-Za-z0-9-]{10,250}|AIza[0-9A-Za-z_-]{35}|[rs]k_live_[0-9A-Za-z]{24,99}|npm_[A-Za-z0-9]{36})\\b",
    confidence: 0.95,
    disclosure: {
      kind: "secret",
      shown: /^(?:A[KS]IA|gh._|github_pat_|glpat-|xox.-|AIza|.k_live_|npm_)/,
    },
  },
  {
    type: "token",
    regex: "\\beyJ[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{8,1000}\\.[A-Za-z0-9_-]{8,1000}",
    confidence: 0.8,
    disclosure: { kind: "secret", shown: /^eyJ/ },
  },
];

/** How sure a match of a pattern is. */
export function confidenceOf({ confidence }: Pattern, text: string): number {
  return typeof confidence === "number" ? confidence : confidence(text);
}

/** The patterns of a type that are built in. */
export function builtInOf(type: string): readonly Pattern[] {
  return BUILT_IN.filter((pattern) => pattern.type === type);
}

/** What finds a pattern that both engines understand alike. */
export function builtInFinder({ regex, anchor }: Pick<Pattern, "regex" | "anchor">): Finder {
  const regexp = new RegExp(regex, "g");
  return anchor ? anchoredFinder(regexp, anchor) : nativeFinder(regexp);
}

/** Whether a text is 21 bytes in base 58 with the first four bytes of their double SHA-256 behind them. */
function isBase58Check(text: string): boolean {
  let number = 0n;
  for (const digit of text) {
    const value = BASE58.indexOf(digit);
    if (value < 0) return false;
    number = number * 58n + BigInt(value);
  }
  const bytes = new Uint8Array(25);
  for (let at = 24; at >= 0; at--, number >>= 8n) bytes[at] = Number(number & 0xffn);
  if (number > 0n) return false;
  const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
  return sha256(sha256(bytes.subarray(0, 21))).subarray(0, 4)
    .every((byte, at) => byte === bytes[21 + at]);
}
