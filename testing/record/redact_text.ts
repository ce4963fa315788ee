import { replaceAddresses } from "./addresses.ts";
import { replaceByPlace, type WordHolders } from "./command_words.ts";
import {
  HOME_FOLDER,
  HOST_COLUMN,
  HOST_NAME,
  HOST_VARIABLE,
  isPublicHost,
  isSystemAccount,
  MAIL_ADDRESS,
  PERSON_COLUMN,
  SSH_SESSION,
  URL_AUTHORITY,
  USER_COLUMN,
  USER_VARIABLE,
} from "./identities.ts";
import { type Found, type Literals, replaceLiterals } from "./literals.ts";
import { createMarks, type Marks } from "./marks.ts";
import { drawNumber, drawShape, type Pseudonyms } from "./pseudonyms.ts";
import { isSecretName, looksRandom, replaceNamed, replaceRandom, SECRET_FORMS } from "./secrets.ts";

/** Where a text stands. */
export interface TextPlace {
  /** Column of the table. */
  readonly column?: string;
  /** Key of the object in JSON that the text is the value of. */
  readonly key?: string;
}

/** What a text is redacted with. */
export interface TextOptions {
  readonly names: Pseudonyms;
  /** Names that are left as they are: what the detection itself speaks of. */
  readonly keep: (word: string) => boolean;
  /** Gathers what is found. */
  readonly found: Found;
  /** What was found before, to be replaced wherever it stands; see {@linkcode createLiterals}. */
  readonly literals?: Literals;
}

/** Columns of environments: random words in them are taken for secrets. */
const ENVIRONMENT = /environment/;
/** Identity of a process: the boot of a host that it begins with is replaced. */
const PROCESS_KEY = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=:\d+:\d+$)/;

/** Replaces in a text whatever names a person or a host, or opens a door. */
export function redactText(text: string, place: TextPlace, options: TextOptions): string {
  const marks = createMarks();
  return marks.expand(redactMarked(marks.clean(text), place, options, marks));
}

/** Does the same with a command line that comes word by word. */
export function redactWords(
  words: readonly string[],
  place: TextPlace,
  options: TextOptions,
): string[] {
  const marks = createMarks();
  const held = replaceByPlace(words.map(marks.clean), holders(options, marks));
  return held.map((word) => marks.expand(redactMarked(word, place, options, marks)));
}

function redactMarked(text: string, place: TextPlace, options: TextOptions, marks: Marks): string {
  const { names, literals } = options;
  const holding = holders(options, marks);
  const whole = byPlace(text, place, holding);
  if (whole !== undefined) return whole;
  const { secret, user, host } = holding;
  let result = literals ? replaceLiterals(text, literals.secrets, holding) : text;
  for (const { pattern } of SECRET_FORMS) {
    result = result.replace(pattern, (...match) => {
      const { before = "", value } = match.at(-1) as { before?: string; value: string };
      return before + secret(value);
    });
  }
  result = replaceByPlace(result.split(" "), holding).join(" ");
  result = result.replace(URL_AUTHORITY, (...match) => authority(match.at(-1), holding));
  result = replaceNamed(result, secret);
  if (ENVIRONMENT.test(place.column ?? "")) result = replaceRandom(result, secret);
  result = result
    .replace(MAIL_ADDRESS, (...match) => {
      const { user: name, host: machine } = match.at(-1) as { user: string; host: string };
      return `${user(name)}@${host(machine)}`;
    })
    .replace(
      SSH_SESSION,
      (_, before: string, name: string) =>
        before + (/^\/|^listener$/.test(name) ? name : user(name)),
    )
    .replace(HOME_FOLDER, (...match) => {
      const { before, user: name, drive, name: windows } = match.at(-1) as Record<string, string>;
      return before === undefined ? drive + user(windows!) : before + user(name!);
    })
    .replace(HOST_NAME, (name) => name.toLowerCase() === "rc.local" ? name : host(name))
    .replace(
      PROCESS_KEY,
      (boot) => marks.mark(boot, names.name("id", boot, (bytes) => drawShape(bytes, boot))),
    );
  result = replaceAddresses(result, names, marks.mark);
  return literals ? replaceLiterals(result, literals.identities, holding) : result;
}

/** The replacement of a whole value whose column or key says what it is. */
function byPlace(
  text: string,
  { column = "", key = "" }: TextPlace,
  { secret, user, host }: WordHolders,
): string | undefined {
  if (key !== "") {
    const place = ENVIRONMENT.test(column) ? "environment" : "object";
    if (isSecretName(key, text, place)) return secret(text);
  }
  const isUser = key !== "" ? USER_VARIABLE.test(key) : USER_COLUMN.test(column);
  if (isUser && /^[^\s\/@:]+$/.test(text)) return account(text, user);
  if (key === "" && PERSON_COLUMN.test(column)) return user(text);
  const isHost = key !== "" ? HOST_VARIABLE.test(key) : HOST_COLUMN.test(column);
  return isHost && /^[A-Za-z][\w.-]*$/.test(text) ? host(text) : undefined;
}

/** `DOMAIN\user` names two. */
function account(text: string, user: (name: string) => string): string {
  return text.split("\\").map(user).join("\\");
}

function authority(
  groups: { scheme: string; user?: string; password?: string; host?: string },
  { secret, user, host }: WordHolders,
): string {
  const { scheme, user: name, password, host: machine } = groups;
  const who = name === undefined || name === ""
    ? name ?? ""
    : looksRandom(name)
    ? secret(name)
    : user(name);
  const info = name === undefined
    ? ""
    : password === undefined
    ? `${who}@`
    : `${who}:${password && secret(password)}@`;
  return scheme + info + (machine === undefined ? "" : host(machine));
}

/** What replaces a user, a host, a secret, and notes it. */
function holders({ names, keep, found }: TextOptions, marks: Marks): WordHolders {
  return {
    secret(text) {
      const value = marks.original(text);
      if (value === "") return text;
      found.secrets.add(value);
      return marks.mark(value, names.name("secret", value, (bytes) => `redacted-${hex(bytes)}`));
    },
    user(text) {
      const value = marks.original(text);
      if (value === "" || isSystemAccount(value) || keep(value)) return text;
      found.users.add(value);
      return marks.mark(value, names.name("user", value, (...drawn) => `user${number(...drawn)}`));
    },
    host(text) {
      const value = marks.original(text);
      if (value === "" || isPublicHost(value) || keep(value) || /^[\d.]+$/.test(value)) return text;
      found.hosts.add(value);
      const name = names.name(
        "host",
        value.toLowerCase(),
        (...drawn) => `host${number(...drawn)}${domain(value)}`,
      );
      return marks.mark(value, name);
    },
  };
}

/** Five digits, or nine where those do not suffice. */
function number(bytes: Uint8Array, crowded: boolean): string {
  const least = crowded ? 100_000_000 : 10_000;
  return String(least + drawNumber(bytes, 9 * least));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A host within a domain stays within one: a public one becomes one that is kept for examples (RFC 2606). */
function domain(host: string): string {
  const [, top] = /\.([A-Za-z]+)\.?$/.exec(host) ?? [];
  if (top === undefined) return "";
  return /^(?:internal|local|localdomain|lan|corp|home|intra|intranet|private|test)$/i.test(top)
    ? `.${top.toLowerCase()}`
    : ".example.com";
}
