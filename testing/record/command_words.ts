import { isSecretName } from "./secrets.ts";

/** What a word of a command line holds, as its place among the others says. */
export interface WordHolders {
  readonly secret: (text: string) => string;
  readonly user: (name: string) => string;
  readonly host: (name: string) => string;
}

/** How a program takes a secret by a short option. */
interface ShortOption {
  readonly programs: RegExp;
  /** The option, or what comes before the secret; a word that ends there has the secret in the next one. */
  readonly option: RegExp;
  /** The secret within the value as group `secret`, an account before it as `user`; all of it where absent. */
  readonly part?: RegExp;
  /** A word that must stand among the arguments. */
  readonly given?: string;
}

const AFTER_COLON = /^[^:]*:(?<secret>.+)$/d;
const AFTER_PERCENT = /^(?<user>[^%]*)%(?<secret>.+)$/d;
const MYSQL = String
  .raw`mysql(?:dump|admin|check|import|show|slap|binlog|pump|sh|_upgrade)?|mariadb(?:-\w+)?`;

/** Options too short to say by themselves that a secret follows. */
const SHORT_OPTIONS: readonly ShortOption[] = [
  { programs: new RegExp(`^(?:${MYSQL}|xtrabackup|mycli|7z[arz]?)$`), option: /^-p(?=.)/ },
  { programs: /^sshpass$/, option: /^-p/ },
  { programs: /^(?:redis|valkey)-cli$/, option: /^-a/ },
  {
    programs: /^(?:curl|wget|https?|lftp)$/,
    option: /^-[uU]|^--(?:proxy-)?user(?:=|$)/,
    part: /^(?<user>[^:,]*)[:,](?<secret>.+)$/d,
  },
  {
    programs: /^(?:smbclient|rpcclient|net|smbmap|smbget|winexe|wmic|pth-\w+)$/,
    option: /^-U|^--user(?:=|$)/,
    part: AFTER_PERCENT,
  },
  { programs: /^openssl$/, option: /^-(?:pass(?:in|out)?)$/, part: AFTER_COLON },
  { programs: /^openssl$/, option: /^-[kK]$/ },
  { programs: /^ldap\w+$/, option: /^-w/ },
  {
    programs: /^(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|az|oc|cf)$/,
    option: /^-p/,
    given: "login",
  },
  {
    programs:
      /^(?:mongo\w*|sqlcmd|bcp|isql|cqlsh|hydra|medusa|nxc|crackmapexec|evil-winrm|useradd|usermod|rdesktop|cassandra\w*|influx|clickhouse-client|snowsql)$/,
    option: /^-[pP]/,
  },
  { programs: /^(?:zip|unzip)$/, option: /^-P/ },
  { programs: /^(?:un)?rar$/, option: /^-h?p(?=.)/ },
  { programs: /^(?:plink|pscp|psftp|putty)$/, option: /^-pw$/ },
  { programs: /^\w*freerdp\w*$/, option: /^\/p:/ },
  { programs: /^snmp\w+$/, option: /^-[cAX]/ },
  {
    programs: /^(?:sqlplus|expdp|impdp|exp|imp|rman)$/,
    option: /^(?=[\w$]+\/)/,
    part: /^(?<user>[^\/]+)\/(?<secret>[^@]+)/d,
  },
];

/** Programs whose words name users and hosts of other machines. */
const REMOTE = /^(?:ssh|scp|sftp|rsync|mosh|sshfs|autossh|ssh-copy-id)$/;
const CLIENTS = new RegExp(`^(?:psql|pg_\\w+|${MYSQL}|redis-cli|valkey-cli|mongo\\w*|ldap\\w+)$`);
/** Those that take files of this host as well, and several places. */
const COPIES = /^(?:scp|rsync|sshfs)$/;
/** Options of ssh that take a value (ssh(1)). */
const SSH_VALUED = /^-[BbcDEeFIiJLlmOopQRSWw]$/;
const AS_USER = /^(?:sudo|su|runuser|doas|chroot|login|crontab)$/;
/** Names of programs that are words of other command lines too; they count only where a command begins. */
const COMMON_WORDS = /^(?:net|https?|az|oc|cf|exp|imp|zip|su|login|crontab|medusa|influx)$/;
const SHELL = /^(?:(?:ba|da|z|k|a|fi)?sh|su|runuser|script)$/;
const BEFORE_COMMAND =
  /^(?:exec|env|nohup|nice|time|xargs|setsid|then|do|else|sudo|doas|command)$|[;|&({]$|^[A-Za-z_]\w*=/;

/**
 * Replaces what only the place of a word gives away: the value of `--password`, of `mysql -p…`, the destination of `ssh`.
 *
 * @param words a command line, word by word; where a word is itself a line (`sh -c "…"`) it is left to another call
 */
export function replaceByPlace(words: readonly string[], holders: WordHolders): string[] {
  const result = [...words];
  const all = new Set(words);
  let program = "";
  let destination = false;
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1] ?? "";
    if (followsSecretName(previous, word)) result[index] = holders.secret(word);
    else if (AS_USER.test(program) && /^(?:-u|-U|--user)$/.test(previous)) {
      result[index] = holders.user(word);
    } else if (CLIENTS.test(program) && previous === "-h" || /^--host(?:name)?$/.test(previous)) {
      result[index] = holders.host(word);
    } else if (program === "ssh" && previous === "-l") result[index] = holders.user(word);
    else if (destination && !word.startsWith("-") && !SSH_VALUED.test(previous)) {
      result[index] = remote(word, holders, program);
      // Of ssh the rest is what runs over there; the others may name several places.
      destination = COPIES.test(program);
    } else if (beginsCommand(word, previous, index, program)) {
      program = programName(word);
      destination = REMOTE.test(program);
    } else result[index] = shortOption({ program, previous, all }, word, holders);
  }
  return result;
}

/** Whether a word is the program that decides what the words after it mean. */
function beginsCommand(word: string, previous: string, index: number, program: string): boolean {
  if (index === 0 || BEFORE_COMMAND.test(previous)) return true;
  if (previous === "-c" && SHELL.test(program)) return true;
  const name = programName(word);
  if (COMMON_WORDS.test(name)) return false;
  return REMOTE.test(name) || CLIENTS.test(name) || AS_USER.test(name) ||
    SHORT_OPTIONS.some(({ programs }) => programs.test(name));
}

function programName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1).replace(/^["'(]+|:$/g, "");
}

function followsSecretName(previous: string, word: string): boolean {
  if (word === "" || word.startsWith("-")) return false;
  const [, option, bare] = /^(?:--?([A-Za-z][\w-]*)|([a-z]+(?:[_.][a-z]+)+))$/.exec(previous) ?? [];
  // A single letter says nothing, and what sudo and ssh are given without a dash is a command.
  if (option !== undefined) return option.length > 1 && isSecretName(option, word, "option");
  return bare !== undefined && isSecretName(bare, word, "option");
}

/** What a word stands among. */
interface Line {
  readonly program: string;
  readonly previous: string;
  /** All words of the line. */
  readonly all: ReadonlySet<string>;
}

function shortOption(
  { program, previous, all }: Line,
  word: string,
  holders: WordHolders,
): string {
  for (const { programs, option, part, given } of SHORT_OPTIONS) {
    if (!programs.test(program) || given !== undefined && !all.has(given)) continue;
    const [own] = option.exec(word) ?? [];
    if (own !== undefined && own.length < word.length) {
      return own + replacePart(word.slice(own.length), part, holders);
    }
    const [before] = option.exec(previous) ?? [];
    if (before && before.length === previous.length && !word.startsWith("-")) {
      return replacePart(word, part, holders);
    }
  }
  return word;
}

/** Replaces the account and the secret of a value such as `carol:hunter2`. */
function replacePart(value: string, part: RegExp | undefined, holders: WordHolders): string {
  if (!part) return holders.secret(value);
  const { groups, indices } = part.exec(value) ?? {};
  const [start, end] = indices?.groups?.secret ?? [0, 0];
  if (end === 0) return value;
  const account = groups!.user;
  const before = account === undefined
    ? value.slice(0, start)
    : account.split("\\").map(holders.user).join("\\") + value.slice(account.length, start);
  return before + holders.secret(groups!.secret!) + value.slice(end);
}

/** `user@host`, `host`, `user@host:path`: single names too, which nothing but their place tells from words. */
function remote(word: string, { user, host }: WordHolders, program: string): string {
  const [, name, machine, rest = ""] =
    /^(?:([\w.-]+)@)?([A-Za-z][\w.-]*|\d+(?:\.\d+){3})(:(?!\/\/).*)?$/.exec(word) ?? [];
  // Without a colon, what copies is given is a file of this host.
  if (machine === undefined || rest === "" && COPIES.test(program)) return word;
  const place = /^\d/.test(machine) ? machine : host(machine);
  return `${name === undefined ? "" : `${user(name)}@`}${place}${rest}`;
}
