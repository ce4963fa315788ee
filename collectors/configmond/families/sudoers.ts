import { decode, Failure } from "../../proc/files.ts";
import type { Host } from "../../regmond/host.ts";
import { createInclusion, filesIn, type LineRules, linesOf } from "../files.ts";
import { type Family, MAX_SETTINGS, type Note, type Setting } from "../setting.ts";

const MAIN = "/etc/sudoers";
/** Levels of inclusion that sudo allows (sudoers(5)). */
const DEPTH = 128;
/** Words before a command that say how it is run (sudoers(5), Tag_Spec). */
const TAG =
  /^(?:EXEC|NOEXEC|FOLLOW|NOFOLLOW|INTERCEPT|NOINTERCEPT|LOG_INPUT|NOLOG_INPUT|LOG_OUTPUT|NOLOG_OUTPUT|MAIL|NOMAIL|PASSWD|NOPASSWD|SETENV|NOSETENV)\s*:\s*/;
/** Options before a command (sudoers(5), Option_Spec). */
const OPTION =
  /^(?:ROLE|TYPE|PRIVS|LIMITPRIVS|TIMEOUT|NOTBEFORE|NOTAFTER|CWD|CHROOT|APPARMOR_PROFILE)\s*=\s*(?:"[^"]*"|\S+)\s*/;

/** Parts of a text at a separator that is neither escaped nor between quotes or parentheses. */
export function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\") {
      part += character + (text[++at] ?? "");
      continue;
    }
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === "(") depth++;
    else if (!quoted && character === ")") depth = Math.max(0, depth - 1);
    if (character === separator && !quoted && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  return [...parts, part.trim()];
}

/** A `#` that begins no comment. */
const MEANT = /^#(?:-?\d|include(?:dir)?\s)/;

/** A line without the comment at its end. `#` before a number is a user's or group's id. */
function withoutComment(text: string): string {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "#" && !quoted && !MEANT.test(text.slice(at))) return text.slice(0, at);
  }
  return text;
}

const LINES: LineRules = {
  comment: /^#(?!-?\d|include(?:dir)?\s)/,
  joined: true,
  strip: withoutComment,
};

/** What users may run, for some hosts: `ALL = (root) NOPASSWD: /bin/a, /bin/b`. */
interface Grant {
  readonly hosts: string;
  readonly commands: string;
}

/** The grants after the users of a line: further hosts follow a colon that ends no tag. */
function grantsOf(text: string): Grant[] {
  const parts: string[] = [];
  for (const part of splitAt(text, ":")) {
    const last = parts.at(-1);
    if (last === undefined || (/=/.test(part) && !/\b[A-Z_]+$/.test(last))) parts.push(part);
    else parts[parts.length - 1] = `${last}: ${part}`;
  }
  return parts.flatMap((part) => {
    const [hosts, ...commands] = splitAt(part, "=");
    return commands.length === 0 ? [] : [{ hosts: hosts!, commands: commands.join("=") }];
  });
}

/** The commands of a list that are run without a password. Tags hold for the commands after them, too. */
function withoutPassword(commands: string): string[] {
  const found: string[] = [];
  let free = false;
  for (const item of splitAt(commands, ",")) {
    let rest = item.replace(/^\([^)]*\)\s*/, "");
    for (;;) {
      const [prefix] = TAG.exec(rest) ?? OPTION.exec(rest) ?? [];
      if (prefix === undefined) break;
      if (/^(NO)?PASSWD/.test(prefix)) free = prefix.startsWith("NO");
      rest = rest.slice(prefix.length).replace(/^\([^)]*\)\s*/, "");
    }
    if (free && rest !== "") found.push(rest);
  }
  return found;
}

/** The settings of sudoers(5): defaults, aliases, and what users may do. */
export function* readSudoers(host: Host, note: Note, main = MAIN): Generator<Setting> {
  const inclusion = createInclusion(DEPTH, note);
  const aliases = new Map<string, readonly string[]>();
  const told: (Setting & { readonly free?: readonly string[] })[] = [];

  function* files(path: string): Generator<never> {
    for (const { text: statement, number: line } of linesOf(host.text(path), LINES)) {
      const [, kind, name] = /^[#@](include|includedir)\s+"?([^"]+?)"?$/.exec(statement) ?? [];
      if (kind !== undefined) {
        for (const file of included(host, path, kind, name!)) {
          yield* inclusion.within(file, () => files(file));
        }
        continue;
      }
      if (told.length >= MAX_SETTINGS) return note(`more than ${MAX_SETTINGS} lines of sudoers`);
      told.push(...settingsOf(statement.replace(/\s+/g, " "), aliases, { path, line }));
    }
  }
  for (const _ of inclusion.within(main, () => files(main)));
  for (const { free, ...setting } of told) {
    yield free?.length
      ? { ...setting, more: { ...setting.more, without_password: expandAll(free, aliases) } }
      : setting;
  }
}

function included(host: Host, path: string, kind: string, name: string): readonly string[] {
  const hostname = () => {
    const bytes = host.proc.read("sys/kernel/hostname");
    return bytes instanceof Failure ? "" : decode(bytes).trim().split(".")[0]!;
  };
  const whole = name.replaceAll("%h", hostname).replace(/\\(.)/g, "$1");
  const place = whole.startsWith("/") ? whole : `${path.slice(0, path.lastIndexOf("/"))}/${whole}`;
  return kind === "include" ? [place] : filesIn(host, place, /^[^.]*[^.~]$/);
}

type Place = Pick<Setting, "path"> & { readonly line: number };

function* settingsOf(
  statement: string,
  aliases: Map<string, readonly string[]>,
  place: Place,
): Generator<Setting & { readonly free?: readonly string[] }> {
  const [, scope, options] = /^Defaults([@:!>][^\s]+)?\s+(.*)$/.exec(statement) ?? [];
  if (options !== undefined) {
    for (const option of splitAt(options, ",")) {
      const [, not, name, operator, value] =
        /^(!*)\s*([A-Za-z_0-9]+)(?:\s*([+-]?=)\s*(.*))?$/.exec(option) ?? [];
      if (name === undefined) continue;
      const key = `Defaults.${name}`;
      const set = value?.replace(/^"(.*)"$/, "$1") ?? String(not!.length % 2 === 0);
      yield {
        ...place,
        name: scope === undefined ? key : `Defaults${scope}.${name}`,
        key,
        value: operator === "=" || operator === undefined ? set : `${operator[0]}${set}`,
      };
    }
    return;
  }
  const [, kind, definitions] = /^(User_Alias|Runas_Alias|Host_Alias|Cmnd_Alias|Cmd_Alias)\s+(.*)$/
    .exec(statement) ?? [];
  if (definitions !== undefined) {
    for (const definition of splitAt(definitions, ":")) {
      const [, name, list] = /^([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/.exec(definition) ?? [];
      if (name === undefined) continue;
      if (/^Cm/.test(kind!)) aliases.set(name, splitAt(list!, ","));
      yield { ...place, name: `${kind} ${name}`, value: list! };
    }
    return;
  }
  const [left = ""] = splitAt(statement, "=");
  // Users and hosts are lists; a comma binds what stands around it, white space parts the two lists.
  const names = left.replace(/ ?, ?/g, ",").match(/(?:"[^"]*"|\\.|\S)+/g) ?? [];
  if (names.length < 2 || left.length === statement.length) return;
  const users = names.slice(0, -1).join(" ");
  const rest = statement.slice(left.length).trimStart();
  for (const { hosts, commands } of grantsOf(`${names.at(-1)}${rest}`)) {
    const free = withoutPassword(commands);
    yield {
      ...place,
      name: `User ${users.replaceAll(",", ", ")}`,
      value: `${hosts} = ${commands}`,
      ...(free.length > 0 && { free }),
    };
  }
}

/** Names that a list comes to; an alias, each of them once, is what it stands for. */
function expandAll(
  names: readonly string[],
  aliases: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const ahead = [...names];
  while (ahead.length > 0 && found.size < 1000) {
    const name = ahead.pop()!;
    const meant = aliases.get(name);
    if (meant === undefined) found.add(name);
    else if (!seen.has(name)) {
      seen.add(name);
      ahead.push(...meant);
    }
  }
  return [...found].sort();
}

/** Settings of sudo(8). */
export const sudoers: Family = {
  name: "sudoers",
  categories: ["authentication"],
  places: ["/etc/sudoers"],
  includes: true,
  read: readSudoers,
};
