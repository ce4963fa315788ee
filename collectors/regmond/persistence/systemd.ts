import type { Host } from "../host.ts";
import { filesIn, type Found, type Home, meaningful } from "./item.ts";

/** Folders of units, the first wins (systemd.unit(5)). */
export const SYSTEM: readonly string[] = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
];
const USER = [
  "/etc/systemd/user",
  "/run/systemd/user",
  "/usr/local/lib/systemd/user",
  "/usr/lib/systemd/user",
];

const UNIT = /[.](service|timer)$/;

/** Services and timers of systemd, with what drop-ins change of them. */
export function* systemd(host: Host, homes: readonly Home[]): Generator<Found> {
  yield* units(host, SYSTEM, "root");
  yield* units(host, USER, null);
  for (const { user, path } of homes) yield* units(host, [`${path}/.config/systemd/user`], user);
}

function* units(host: Host, folders: readonly string[], runner: string | null): Generator<Found> {
  const listed = folders.map((folder) => ({ folder, names: new Set(host.list(folder)) }));
  const wanted = new Set(
    listed.flatMap(({ folder, names }) =>
      [...names].filter((name) => /[.](wants|requires|upholds)$/.test(name))
        .flatMap((name) => host.list(`${folder}/${name}`)).map(templateOf)
    ),
  );
  const seen = new Set<string>();
  for (const { folder, names } of listed) {
    for (const name of names) {
      if (!UNIT.test(name) || seen.has(name)) continue;
      seen.add(name);
      const path = `${folder}/${name}`;
      // One that is masked is a link to /dev/null.
      const masked = host.info(path)?.isFile !== true;
      const settings = settingsOf(host, [
        path,
        ...listed.toReversed().flatMap(({ folder, names }) =>
          names.has(`${name}.d`) ? filesIn(host, `${folder}/${name}.d`, /[.]conf$/) : []
        ),
      ]);
      const all = (key: string) => settings.get(key) ?? [];
      const timer = name.endsWith(".timer");
      yield {
        kind: timer ? "systemd_timer" : "systemd_service",
        path,
        name,
        command: timer
          ? all("Timer.Unit").at(-1) ?? name.replace(/[.]timer$/, ".service")
          : all("Service.ExecStart").join("; ") || null,
        user_name: all("Service.User").at(-1) ?? runner,
        enabled: !masked && wanted.has(templateOf(name)),
        schedule: timer
          ? [...settings].filter(([key]) => /^Timer[.]On/.test(key))
            .flatMap(([key, values]) => values.map((value) => `${key.slice(6)}=${value}`)).join(
              "; ",
            ) || null
          : null,
      };
    }
  }
}

/** A unit's name without what its template was filled with. */
function templateOf(name: string): string {
  return name.replace(/@[^.]*[.]/, "@.");
}

/** `Section.Key` to values; an empty value takes those before it away (systemd.syntax(7)). */
export function settingsOf(host: Host, paths: readonly string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const path of paths) {
    let section = "";
    const text = host.text(path).replace(/\\\n/g, " ");
    for (const [line] of meaningful(text, /^\s*([#;]|$)/)) {
      const [, heading] = /^\[(.*)\]$/.exec(line) ?? [];
      if (heading !== undefined) section = heading;
      const [, name, value] = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (name === undefined) continue;
      const key = `${section}.${name}`;
      if (value === "") settings.delete(key);
      else settings.set(key, [...settings.get(key) ?? [], value!]);
    }
  }
  return settings;
}
