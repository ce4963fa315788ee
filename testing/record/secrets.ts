import { entropy } from "../../dialect/mod.ts";

/** A text that a rule found: what stands before it stays, the value is replaced. */
export interface SecretRule {
  /** Has the groups `value` and, where there is any, `before`; global. */
  readonly pattern: RegExp;
  /** What the pattern finds. */
  readonly finds: string;
}

/**
 * Secrets that are known by their own form, wherever they stand. Forms as their issuers document them; the lengths are
 * those of the shortest ones ever issued.
 */
export const SECRET_FORMS: readonly SecretRule[] = [
  {
    finds: "private keys in PEM, whole or cut off",
    pattern:
      /(?<value>-----BEGIN [A-Z ]{0,40}PRIVATE KEY( BLOCK)?-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY( BLOCK)?-----|$))/g,
  },
  { finds: "JSON web tokens", pattern: /(?<value>\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*)/g },
  {
    finds: "AWS key ids",
    pattern: /(?<value>\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z2-7]{16}\b)/g,
  },
  {
    finds: "tokens with a prefix of their issuer",
    pattern: new RegExp(
      String.raw`(?<value>(?<![A-Za-z0-9])(?:` + [
        "gh[pousr]_[A-Za-z0-9]{20,}",
        "github_pat_[A-Za-z0-9_]{20,}",
        "gl(?:pat|dt|rt|cbt|ptt|oas|soat|agent|ft|imt)-[A-Za-z0-9_.-]{16,}",
        "xox[a-z]-[A-Za-z0-9-]{10,}",
        "xapp-[A-Za-z0-9-]{10,}",
        "[rs]k_(?:live|test)_[A-Za-z0-9]{10,}",
        "whsec_[A-Za-z0-9+/=]{16,}",
        "AIza[A-Za-z0-9_-]{35}",
        "ya29\\.[A-Za-z0-9_-]{10,}",
        "GOCSPX-[A-Za-z0-9_-]{20,}",
        "npm_[A-Za-z0-9]{30,}",
        "pypi-[A-Za-z0-9_-]{16,}",
        "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}",
        "do[opr]_v1_[a-f0-9]{32,}",
        "shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
        "hf_[A-Za-z0-9]{20,}",
        "sk-[A-Za-z0-9_-]{20,}",
        "hv[sbr]\\.[A-Za-z0-9_-]{20,}",
        "dckr_[a-z]{2,3}_[A-Za-z0-9_-]{20,}",
        "dapi[a-f0-9]{32}",
        "lin_api_[A-Za-z0-9]{30,}",
        "dp\\.[a-z]{2}\\.[A-Za-z0-9]{30,}",
        "ATATT3[A-Za-z0-9_=-]{20,}",
        "AGE-SECRET-KEY-1[A-Z0-9]{20,}",
        "NRAK-[A-Z0-9]{20,}",
        "sq0[a-z]{3}-[A-Za-z0-9_-]{20,}",
        "EAA[A-Za-z0-9]{30,}",
        "glsa_[A-Za-z0-9_]{30,}",
        "\\d{8,10}:AA[A-Za-z0-9_-]{32,}",
        "[A-Za-z0-9]{14,}\\.atlasv1\\.[A-Za-z0-9_=-]{40,}",
      ].join("|") + ")(?![A-Za-z0-9]))",
      "g",
    ),
  },
  {
    finds: "paths of webhooks that are their own password",
    pattern:
      /(?<before>\bhooks\.slack\.com\/(?:services|workflows)\/|\bdiscord(?:app)?\.com\/api\/webhooks\/|\.webhook\.office\.com\/webhookb2\/|\bapi\.telegram\.org\/bot)(?<value>[\w\/:@-]{8,})/g,
  },
  {
    finds: "credentials in an Authorization header",
    pattern:
      /(?<before>\bAuthorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:Bearer|Basic|Digest|Token|ApiKey|Negotiate|NTLM|Bot|SSWS|Splunk|AWS4-HMAC-SHA256)\s{1,3})?)(?<value>[^\s"']+(?:\s{1,3}[\w+\/=.-]{16,}(?=["'\s]|$))?)/gi,
  },
  {
    finds: "credentials after the name of their scheme",
    pattern: /(?<before>\b(?:Bearer|Basic)\s{1,3})(?<value>(?=\S{0,80}[\dA-Z])[\w+\/.~-]{8,}=*)/g,
  },
  {
    finds: "cookies",
    pattern:
      /(?<before>\b(?:Set-)?Cookie["']?\s{0,3}:\s{0,3})(?<value>[^\s"']+(?:(?<=;)\s{1,3}[^\s"'=]+=[^\s"']*)*)/gi,
  },
  {
    finds: "passwords handed on through a pipe",
    pattern:
      /(?<before>\becho\s{1,3}(?:-n\s{1,3})?["']?(?:[a-z_][\w.-]{0,31}:(?=[^|]{1,200}\|[^|]{0,20}\bchpasswd\b))?)(?<value>[^\s"'|]+)(?=["']?\s{0,3}\|\s{0,3}(?:sudo\s{1,3}(?:-\S+\s{1,3}){0,3}-S\b|(?:sudo\s{1,3})?chpasswd\b|\S{0,20}passwd\b))/g,
  },
];

/** Names that say that their value is a secret; the second list is for names as programs and environments spell them. */
const NAME_PARTS = String.raw`secret|token(?!iz)|passw|passphrase|credential|mnemonic`;
const NAMES = new RegExp(
  `${NAME_PARTS}|pass$|requirepass|masterauth|api-?_?key|connection-?_?string|sess(?:ion)?[-_]?id$|from-literal` +
    "|(?:access|private|secret|encrypt(?:ion)?|signing|account|shared|master|license|auth|session|service|deploy|psk" +
    "|ssh|decrypt(?:ion)?|hmac|jwt|app|client|consumer|storage|subscription|instrumentation)[-_.]?key(?![a-z])" +
    "|(?:^|[-_.])(?:key|pwd|pw|auth|authorization|pat|dsn|sas|sig|signature|cookie|jwt|psk|otp|pin|community)$",
  "i",
);
const ENVIRONMENT_NAMES = new RegExp(`${NAMES.source}|key`, "i");

/** Names that only look as if: the working directory, keyboards, sizes. */
const HARMLESS =
  /^(?:old)?pwd$|key(?:board|map|code|ring|word|server|type|size|length)|monkey|turkey|max[-_]?(?:new[-_]?)?tokens/i;

/** Options that switch something on or off and have no value. */
const SWITCH = /^(?:no|disable|skip|without|ask|prompt|use)[-_]/i;

/** Names whose value says where the secret lies. */
const WHERE = /[-_.]?(?:file|path|dir|folder|home|sock|socket|location)s?$/i;

/** A file or folder; the name of one is not the secret that it holds. */
export const PATH: RegExp =
  /^(?:~|\.{0,2})\/[\w.@+~%-]+(?:\/[\w.@+~%-]*)*$|^[\w.-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|conf|cnf|gpg|asc|pub)$/i;

/** Where a name stands: a variable of an environment or the key of an object in JSON says more than an option does. */
export type NamePlace = "environment" | "object" | "option";

/** Whether a name says that its value is a secret. */
export function isSecretName(name: string, value: string, place: NamePlace): boolean {
  if (value === "" || !soundsSecret(name, place)) return false;
  const points = WHERE.test(name) ? /[\/\\]/.test(value) : !/passw|passphrase|secret/i.test(name);
  return !(points && PATH.test(value) && !hasRandomPart(value));
}

function soundsSecret(name: string, place: NamePlace): boolean {
  if (HARMLESS.test(name) || place === "option" && SWITCH.test(name)) return false;
  if (place === "object" && name === "key") return false;
  const variable = place === "environment" || /^[A-Z][A-Z0-9_]+$/.test(name);
  return (variable ? ENVIRONMENT_NAMES : NAMES).test(name);
}

/** What stands between `Authorization:` and the credentials. */
const SCHEME =
  /^(?:Bearer|Basic|Digest|Token|ApiKey|Negotiate|NTLM|Bot|SSWS|Splunk|AWS4-HMAC-SHA256)$/i;

/** A name and what separates it from its value. Bounded, so that a long text without any costs one pass. */
const NAMED =
  /(?<![\w.-]|:\/\/)(-{0,2}[A-Za-z_][\w.-]{0,79})(["']?\s{0,3}(?:=|:(?!\/\/))\s{0,3}(["']?))/g;

/** Secrets that stand behind their names: `password=…`, `--token=…`, `"apiKey": "…"`, `X-Api-Key: …`. */
export function replaceNamed(text: string, replace: (secret: string) => string): string {
  if (!/[=:]/.test(text)) return text;
  let result = "";
  let done = 0;
  for (const match of text.matchAll(NAMED)) {
    const [whole, dashed = "", , quote = ""] = match;
    const name = dashed.replace(/^-+/, "");
    if (match.index < done || !soundsSecret(name, "option")) continue;
    const start = match.index + whole.length;
    const value = valueAt(text, start, quote);
    if (SCHEME.test(value) || !isSecretName(name, value, "option")) continue;
    result += text.slice(done, start) + replace(value);
    done = start + value.length;
  }
  return result + text.slice(done);
}

/** Where a word ends, or the next name of a list begins. */
const END = /\s|[&;,](?=[\w.%-]{1,80}=)/g;

/**
 * Up to the closing quote; unquoted up to white space without the quotes and brackets around it, or to where the next name
 * of a list begins.
 */
function valueAt(text: string, start: number, quote: string): string {
  if (quote !== "") {
    const end = text.indexOf(quote, start);
    return text.slice(start, end < 0 ? text.length : end);
  }
  END.lastIndex = start;
  const found = END.exec(text);
  const word = text.slice(start, found?.index);
  return found && /\S/.test(found[0]) ? word : word.slice(0, withoutBrackets(word));
}

/** The length of a word without the brackets at its end, and a quote before and after them. */
function withoutBrackets(word: string): number {
  let end = word.length;
  const skip = (characters: string, most: number) => {
    for (let left = most; left > 0 && characters.includes(word[end - 1] ?? " "); left--) end--;
  };
  skip("\"'`", 1);
  skip(")}]", Infinity);
  skip("\"'`", 1);
  return end;
}

/** Shorter text cannot be told from a word. */
const MIN_RANDOM = 20;

/**
 * Whether a word looks as if a machine had drawn it: long, many different characters, and between letters of either case
 * and digits it changes all the time, which names, versions and paths do not.
 */
export function looksRandom(word: string): boolean {
  if (word.length < MIN_RANDOM || !/^[A-Za-z0-9+\/_=.~-]+$/.test(word)) return false;
  const characters = word.replace(/[^A-Za-z0-9]/g, "");
  let changes = 0;
  for (let index = 1; index < characters.length; index++) {
    if (characterClass(characters[index]!) !== characterClass(characters[index - 1]!)) changes++;
  }
  return changes >= word.length / 4 && (entropy(word) ?? 0) >= 3;
}

function characterClass(character: string): string {
  if (/\d/.test(character)) return "digit";
  return /[A-Z]/.test(character) ? "upper" : "lower";
}

function hasRandomPart(path: string): boolean {
  return path.split("/").some(looksRandom);
}

/** Random words in a value of an environment. A path is left alone; of an address, its parts are looked at one by one. */
export function replaceRandom(value: string, replace: (secret: string) => string): string {
  if (value.length < MIN_RANDOM || /^[.~]{0,2}\/(?!\/)/.test(value)) return value;
  return value.replace(/[A-Za-z0-9+\/_.~-]{20,}={0,2}/g, (word) => {
    if (!word.startsWith("//") && looksRandom(word)) return replace(word);
    return word.split("/").map((part) => looksRandom(part) ? replace(part) : part).join("/");
  });
}
