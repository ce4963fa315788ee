/** What stands in the place of a secret. */
export const MASK = "[masked]";

/** Words in the name of a setting whose value is a secret. */
const NAMES =
  /(?:passw(?:or)?d|passphrase|passwd|secret|token|credential|api_?key|access_?key|private_?key|shared_?key|fastopen_key|stable_secret|community|bind_?pw|psk)s?$/;
/** Names that end like those, and do not hold what they are about. */
const NO_SECRET =
  /^(?:no|pam_|load|import|condition)|(?:file|path|command|authentication|^passwd)$/;

/** What says by itself that it is a secret, wherever it stands. The first group is kept. */
const PATTERNS: readonly RegExp[] = [
  // name=value, name: value and --name value in command lines, environments and options.
  /((?:\bno)?(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?(?:\s*[=:]\s*|\s+(?=[^\s-])(?<=--[\w-]{1,64}\s+)))(?:"[^"]*"|'[^']*'|[^\s"',;]+)/gi,
  // The user's part of an address.
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,256}:)[^\s/@]+(?=@)/gi,
  // Headers of HTTP.
  /(\b(?:bearer|basic)\s+)[A-Za-z0-9+/_.=-]{8,}/gi,
  // Hashes of passwords, crypt(5).
  /()\$(?:[1-9a-z]{1,3}|2[abxy]|argon2\w{1,2}|scrypt|yescrypt)\$[./A-Za-z0-9$=,+-]{8,}/g,
  // Keys that some services hand out, and JSON Web Tokens.
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_)[A-Za-z0-9_-]{16,}/g,
  /()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g,
];

/** Tags of sudoers(5), which commands follow. */
const TAG = /^(?:NO)?PASSWD:\s*$/;

/** Values longer than this are cut: they are no settings that anybody reads. */
const MAX_VALUE = 16_384;

/** A value without the secrets in it: all of it where the setting's name says so. */
export function maskSecrets(name: string, value: string): string {
  const short = value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;
  const last = name.toLowerCase().replaceAll("-", "_").replace(/^.*[. :]/, "");
  // A value that is a number or a switch says how secrets are treated, not what they are.
  const isSwitch = /^(?:|\d{1,5}|yes|no|true|false|on|off|none)$/i.test(short);
  if (!isSwitch && NAMES.test(last) && !NO_SECRET.test(last)) return MASK;
  const mask = (whole: string, kept: string) => TAG.test(kept) ? whole : kept + MASK;
  return PATTERNS.reduce((text, pattern) => text.replace(pattern, mask), short);
}
