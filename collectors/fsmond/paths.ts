import type { Predicate } from "../../model/predicate.ts";

/**
 * Places that are watched unless the operator names others: where programs, settings, and what starts by itself lie, the
 * folders of users, those that everybody may write to, and the logs. Folders that the system keeps as links to others
 * (`/bin`) stand here under both names, because the kernel tells the real one.
 */
export const DEFAULT_PATHS: readonly string[] = [
  ...["/etc", "/boot", "/root", "/home"],
  ...["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local", "/opt"],
  ...["/lib/systemd", "/usr/lib/systemd", "/lib/security", "/lib/modules", "/usr/lib/modules"],
  ...["/tmp", "/var/tmp", "/dev/shm", "/run/systemd/system"],
  ...["/var/log", "/var/spool/cron", "/var/spool/at", "/var/www", "/srv"],
];

/** What predicates over `file_events` name. */
export interface Named {
  /** Absolute paths: each one itself or what lies below it is meant. */
  readonly paths: readonly string[];
  /** Whether it asks for programs that are started. */
  readonly access: boolean;
}

/**
 * The places that predicates name by constants: `file_path = '/opt/x/conf'`, `directory IN ('/srv/www')`,
 * `file_path LIKE '/opt/%'` and `GLOB '/opt/*'`. What is meant by a prefix is the folder that it lies in. What is said
 * under `NOT` names nothing.
 */
export function namedPlaces(predicates: readonly Predicate[]): Named {
  const paths = new Set<string>();
  let access = false;
  const name = (value: unknown) => {
    if (typeof value === "string" && value.startsWith("/")) {
      paths.add(value.replace(/(?<=.)\/+$/, ""));
    }
  };
  const visit = (predicate: Predicate): void => {
    switch (predicate.op) {
      case "and":
      case "or":
        return predicate.of.forEach(visit);
      case "=":
        if (PATHS.has(predicate.column)) name(predicate.value);
        else if (predicate.column === "event_type") access ||= predicate.value === "access";
        return;
      case "in":
        if (PATHS.has(predicate.column)) predicate.values.forEach(name);
        else if (predicate.column === "event_type") access ||= predicate.values.includes("access");
        return;
      case "like":
      case "glob":
        if (PATHS.has(predicate.column)) name(folderOf(predicate));
    }
  };
  predicates.forEach(visit);
  return { paths: [...paths], access };
}

/** Columns that hold paths. */
const PATHS: ReadonlySet<string> = new Set(["file_path", "directory"]);

/** The folder that everything lies in, or is, that a pattern matches; nothing where that is the root. */
function folderOf(
  { op, pattern, escape }: Extract<Predicate, { readonly pattern: string }>,
): string | undefined {
  const end = pattern.search(op === "glob" ? /[*?[]/ : /[%_]/);
  const escaped = escape === undefined ? -1 : pattern.indexOf(escape);
  if (end < 0 && escaped < 0) return pattern;
  const prefix = pattern.slice(0, Math.min(...[end, escaped].filter((at) => at >= 0)));
  return prefix.slice(0, prefix.lastIndexOf("/")) || undefined;
}
