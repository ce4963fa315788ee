import { readdirSync, statSync } from "node:fs";
import { compileGlob } from "../../../dialect/wildcard.ts";
import { decode, Failure } from "../../proc/files.ts";
import type { Host } from "../../regmond/host.ts";
import { dropIns, linesOf } from "../files.ts";
import type { Category, Family, Note, Setting } from "../setting.ts";

/** Where the kernel's parameters stand. */
export const PROC_SYS = "/proc/sys/";

/** Folders of sysctl.d(5), the first wins. */
const FOLDERS = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"];

/** Parameters of which each namespace has its own: this process may stand in another one than the host's. */
const OF_NAMESPACE =
  /^(kernel[.](msg(?!_).*|sem(_next_id)?|shm(?!_rmid_forced).*|hostname|domainname)|fs[.]mqueue[.].*)$/;
/** No settings: what the kernel writes down itself, what only makes it do something, and old names of others. */
const NO_SETTING =
  /^kernel[.](ns_last_pid$|random[.])|^vm[.]stat_refresh$|[.](base_reachable_time|retrans_time)$/;

/** Levels of folders below /proc/sys. */
const DEPTH = 8;

/** A file that sets a parameter. */
interface Setter {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

/** The name of a parameter as sysctl(8) writes it: dots part it, and a dot in a part is a slash. */
export function nameOfFile(path: string): string {
  return path.split("/").map((part) => part.replaceAll(".", "/")).join(".");
}

/** The same from a file, where either may part the name: the first that comes does (sysctl.d(5)). */
function nameOfLine(written: string): string {
  return /^[^./]*\//.test(written) ? nameOfFile(written) : written;
}

function categoryOf(name: string): Category {
  return name.startsWith("net.") ? "network" : /^(kernel|fs)[.]/.test(name) ? "security" : "system";
}

/** White space between numbers is told in one way. */
const plain = (text: string) => text.trim().replace(/\s+/g, " ");

/** The lines of sysctl.d(5) that set something, in the order in which they are applied. */
function* setters(host: Host): Generator<Setter> {
  for (const path of [...dropIns(host, FOLDERS, /[.]conf$/), "/etc/sysctl.conf"]) {
    for (const { text, number } of linesOf(host.text(path), { comment: /^[#;]/ })) {
      const [, name, value] = /^-?\s*([^=\s]+)\s*=\s*(.*)$/.exec(text) ?? [];
      if (name === undefined) continue;
      yield { path, line: number, name: nameOfLine(name), value: plain(value!) };
    }
  }
}

/** Names of the parameters of the running kernel that can be set; those that only tell something are none. */
function parameters(host: Host, note: Note): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string, depth: number) => {
    try {
      for (const entry of readdirSync(`${host.proc.root}/sys/${folder}`, { withFileTypes: true })) {
        const path = folder + entry.name;
        if (entry.isDirectory() && depth < DEPTH) visit(`${path}/`, depth + 1);
        else if (entry.isFile() && isSetting(`${host.proc.root}/sys/${path}`)) found.push(path);
      }
    } catch {
      note(`${PROC_SYS}${folder} cannot be listed`);
    }
  };
  visit("", 0);
  return found.sort();
}

function isSetting(path: string): boolean {
  try {
    const { mode } = statSync(path);
    return (mode & 0o222) !== 0 && (mode & 0o444) !== 0;
  } catch {
    return false;
  }
}

/** The parameters of the kernel: what holds, with the line that sets it, and the lines of all files that set them. */
export function* readSysctl(host: Host, note: Note): Generator<Setting> {
  const lines = [...setters(host)];
  const exact = new Map(lines.map((line, index) => [line.name, index]));
  const patterns = lines.map(({ name }, index) => ({ name, index }))
    .filter(({ name }) => /[*?[]/.test(name))
    .map(({ name, index }) => ({ index, matches: compileGlob(name) }));
  const inForce = new Set<number>();
  for (const path of parameters(host, note)) {
    const name = nameOfFile(path);
    if (NO_SETTING.test(name)) continue;
    // A name that is written out has precedence over patterns (sysctl.d(5)).
    const setBy = exact.get(name) ?? patterns.findLast(({ matches }) => matches(name))?.index;
    const setter = setBy === undefined ? undefined : lines[setBy]!;
    const bytes = OF_NAMESPACE.test(name) ? Failure.OTHER : host.proc.read(`sys/${path}`);
    const value = bytes instanceof Failure ? null : plain(decode(bytes));
    if (setBy !== undefined && value === setter!.value) inForce.add(setBy);
    yield {
      path: PROC_SYS + path,
      name,
      value,
      category: categoryOf(name),
      ...(bytes instanceof Failure && {
        gap: bytes.reason === "gone" ? "not_collected" : bytes.reason,
      }),
      ...(setter && {
        more: { file: setter.path, line: setter.line, configured: setter.value },
      }),
    };
  }
  for (const [index, { path, line, name, value }] of lines.entries()) {
    yield {
      path,
      line,
      name,
      value,
      category: categoryOf(name),
      ...(!inForce.has(index) && { overridden: true }),
    };
  }
}

/** Parameters of the kernel, sysctl(8). */
export const sysctl: Family = {
  name: "sysctl",
  categories: ["security", "network", "system"],
  places: [PROC_SYS, "/etc/sysctl", ...FOLDERS.slice(1)],
  read: readSysctl,
};
