import type { Host } from "../../regmond/host.ts";
import { dropIns, filesIn, linesOf, nameOf } from "../files.ts";
import type { Category, Family, Setting } from "../setting.ts";
import { readIni } from "./units.ts";

/** What a line of a file says, as name and value; `undefined` where it says nothing. */
type Rule = (text: string) => readonly [name: string, value: string] | undefined;

/** Each line of some files is a setting. */
function* perLine(
  host: Host,
  paths: readonly string[],
  rule: Rule,
  more: Partial<Setting> = {},
  joined = false,
): Generator<Setting> {
  for (const path of paths) {
    for (const { text, number } of linesOf(host.text(path), joined ? { joined } : {})) {
      const [name, value] = rule(text) ?? [];
      if (name !== undefined) yield { path, line: number, name, value: value!, ...more };
    }
  }
}

/** A rule that a pattern with two groups makes; without the second the setting is switched on. */
function matching(pattern: RegExp): Rule {
  return (text) => {
    const [, name, value] = pattern.exec(text) ?? [];
    return name === undefined ? undefined : [name, (value ?? "true").trim()];
  };
}

const FIELD = matching(/^(\S+)\s+(.*)$/);
const ASSIGNED = matching(/^([\w.-]+)\s*(?:=\s*(.*))?$/);

/** Defaults of accounts and passwords, login.defs(5). */
const loginDefs: Family = {
  name: "login.defs",
  categories: ["authentication"],
  places: ["/etc/login.defs"],
  read: (host) => perLine(host, ["/etc/login.defs"], FIELD),
};

/** What passwords have to be like (pwquality.conf(5)), and when accounts are closed (faillock.conf(5)). */
const passwords: Family = {
  name: "passwords",
  categories: ["authentication"],
  places: ["/etc/security/pwquality.conf", "/etc/security/faillock.conf"],
  *read(host) {
    const parts = filesIn(host, "/etc/security/pwquality.conf.d", /[.]conf$/);
    yield* perLine(host, ["/etc/security/pwquality.conf", ...parts], ASSIGNED);
    yield* perLine(host, ["/etc/security/faillock.conf"], ASSIGNED);
  },
};

/** Modules that decide who may log in (pam.conf(5)), by their name without folder and ending. */
const pam: Family = {
  name: "pam",
  categories: ["authentication"],
  places: ["/etc/pam.d/", "/etc/pam.conf"],
  *read(host) {
    for (const path of ["/etc/pam.conf", ...filesIn(host, "/etc/pam.d")]) {
      const service = path === "/etc/pam.conf" ? /^(\S+)\s+(.*)$/ : /^()(.*)$/;
      for (const { text, number: line } of linesOf(host.text(path), { joined: true })) {
        const [, prefix, rest] = service.exec(text) ?? [];
        const [, type, control, module, args = ""] =
          /^(-?\w+)\s+(\[[^\]]*\]|\S+)\s+(\S+)\s*(.*)$/.exec(rest ?? "") ?? [];
        const [, included] = /^@include\s+(\S+)$/.exec(rest ?? "") ?? [];
        const where = { path, line };
        const name = (what: string) => prefix ? `${prefix} ${what}` : what;
        if (included !== undefined) yield { ...where, name: name("@include"), value: included };
        else if (module !== undefined) {
          const key = `${type!.replace("-", "")} ${nameOf(module)}`;
          yield { ...where, name: name(key), key, value: `${control} ${module} ${args}`.trim() };
        }
      }
    }
  },
};

/** What sessions may use, limits.conf(5). */
const limits: Family = {
  name: "limits",
  categories: ["system"],
  places: ["/etc/security/limits"],
  read: (host) =>
    perLine(
      host,
      ["/etc/security/limits.conf", ...filesIn(host, "/etc/security/limits.d", /[.]conf$/)],
      (text) => {
        const [, domain, type, item, value] = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)/.exec(text) ?? [];
        return value === undefined ? undefined : [`${domain} ${type} ${item}`, value];
      },
    ),
};

/** Libraries that every program loads, ld.so(8). */
const preload: Family = {
  name: "preload",
  categories: ["security"],
  places: ["/etc/ld.so.preload"],
  *read(host) {
    const path = "/etc/ld.so.preload";
    for (const { text, number } of linesOf(host.text(path))) {
      for (const library of text.replace(/#.*/, "").split(/[\s:]+/).filter(Boolean)) {
        yield { path, line: number, name: `preload ${library}`, value: library };
      }
    }
  },
};

const MODPROBE = [
  "/etc/modprobe.d",
  "/run/modprobe.d",
  "/usr/local/lib/modprobe.d",
  "/usr/lib/modprobe.d",
  "/lib/modprobe.d",
];

/** How modules are loaded, modprobe.d(5). */
const modprobe: Family = {
  name: "modprobe",
  categories: ["security"],
  places: MODPROBE,
  read: (host) =>
    perLine(
      host,
      dropIns(host, MODPROBE, /[.]conf$/),
      (text) => {
        const [, command, module, value = "true"] = /^(\w+)\s+(\S+)\s*(.*)$/.exec(text) ?? [];
        return command === undefined ? undefined : [`${command} ${module}`, value || "true"];
      },
      {},
      true,
    ),
};

/** How names are resolved: resolv.conf(5), hosts(5), nsswitch.conf(5). */
const names: Family = {
  name: "names",
  categories: ["network"],
  places: ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"],
  *read(host) {
    yield* perLine(host, ["/etc/resolv.conf"], (text) => /^;/.test(text) ? undefined : FIELD(text));
    for (const { text, number } of linesOf(host.text("/etc/hosts"))) {
      const [address, ...known] = text.replace(/#.*/, "").trim().split(/\s+/);
      for (const name of known) {
        yield { path: "/etc/hosts", line: number, name, value: address! };
      }
    }
    yield* perLine(host, ["/etc/nsswitch.conf"], matching(/^(\w+):\s*([^#]*)/));
  },
};

/** Files of systemd's own services that are read like its units, by what they are about. */
const SYSTEMD: Readonly<Record<string, Category>> = {
  journald: "logging",
  "journal-upload": "logging",
  coredump: "security",
  logind: "authentication",
  resolved: "network",
  timesyncd: "network",
  system: "system",
};

/** Settings of systemd and its services: journald.conf(5) and others, with their drop-ins. */
const systemd: Family = {
  name: "systemd",
  categories: ["logging", "security", "authentication", "network", "system"],
  places: ["/etc/systemd/", "/run/systemd/", "/usr/local/lib/systemd/", "/usr/lib/systemd/"],
  *read(host) {
    const folders = systemd.places.map((place) => place.slice(0, -1));
    for (const [name, category] of Object.entries(SYSTEMD)) {
      const main = folders.map((folder) => `${folder}/${name}.conf`)
        .find((path) => host.info(path)?.isFile);
      const parts = dropIns(host, folders.map((folder) => `${folder}/${name}.conf.d`), /[.]conf$/);
      yield* readIni(host, [...main === undefined ? [] : [main], ...parts], category);
    }
  },
};

/** Where the audit log goes and what it has (auditd.conf(5), audit.rules(7)). */
const audit: Family = {
  name: "audit",
  categories: ["logging"],
  places: ["/etc/audit/"],
  *read(host) {
    yield* perLine(host, ["/etc/audit/auditd.conf"], ASSIGNED);
    const rules = ["/etc/audit/audit.rules", ...filesIn(host, "/etc/audit/rules.d", /[.]rules$/)];
    yield* perLine(host, rules, (text) => [`rule ${text}`, text]);
  },
};

/** What is logged where, rsyslog.conf(5): its directives and selectors, a line each. */
const rsyslog: Family = {
  name: "rsyslog",
  categories: ["logging"],
  places: ["/etc/rsyslog"],
  read: (host) =>
    perLine(
      host,
      ["/etc/rsyslog.conf", ...filesIn(host, "/etc/rsyslog.d", /[.]conf$/)],
      matching(/^([^\s(]+)\s*(.*)$/),
      {},
      true,
    ),
};

/** Families whose files need no more than a line to be understood. */
export const PLAIN: readonly Family[] = [
  loginDefs,
  passwords,
  pam,
  limits,
  preload,
  modprobe,
  names,
  systemd,
  audit,
  rsyslog,
];
