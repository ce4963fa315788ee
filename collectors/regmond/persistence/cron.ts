import type { Host } from "../host.ts";
import { filesIn, type Found, isExecutable, meaningful, nameOf } from "./item.ts";

/** Names that cron(8) and run-parts(8) take: no dots, so that what a package manager leaves behind is not run. */
const TAKEN = /^[A-Za-z0-9_-]+$/;
const PERIODS = ["hourly", "daily", "weekly", "monthly"];

/** Jobs of cron(8), anacron(8) and at(1). */
export function* cron(host: Host): Generator<Found> {
  yield* table(host, "/etc/crontab", undefined);
  for (const path of filesIn(host, "/etc/cron.d", TAKEN)) yield* table(host, path, undefined);
  // Debian keeps the tables of users one folder further down than others.
  for (const folder of ["/var/spool/cron/crontabs", "/var/spool/cron"]) {
    for (const path of filesIn(host, folder, /^[^.]/)) yield* table(host, path, nameOf(path));
  }
  for (const period of PERIODS) {
    for (const path of filesIn(host, `/etc/cron.${period}`, TAKEN)) {
      yield {
        kind: "cron",
        path,
        name: nameOf(path),
        command: path,
        user_name: "root",
        schedule: `@${period}`,
        enabled: isExecutable(host, path),
      };
    }
  }
  for (const [line] of meaningful(host.text("/etc/anacrontab"))) {
    const [, days, delay, name, command] = /^(\S+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (command === undefined) continue;
    const schedule = `${days} ${delay}`;
    yield {
      kind: "cron",
      path: "/etc/anacrontab",
      name: name!,
      command,
      user_name: "root",
      schedule,
    };
  }
  for (const folder of ["/var/spool/cron/atjobs", "/var/spool/at"]) {
    // a00001019e4d2f: queue, number, and the minute since the epoch (at(1)).
    for (const path of filesIn(host, folder, /^[a-zA-Z=][0-9a-f]{13}$/)) {
      const minute = parseInt(nameOf(path).slice(6), 16);
      yield {
        kind: "at",
        path,
        name: nameOf(path),
        command: host.text(path).trimEnd().split("\n").at(-1) ?? null,
        user_name: userOf(host, path),
        schedule: new Date(minute * 60_000).toISOString(),
      };
    }
  }
}

/** The lines of a crontab(5); where no user owns it, each names one. */
function* table(host: Host, path: string, owner: string | undefined): Generator<Found> {
  for (const [line, number] of meaningful(host.text(path))) {
    if (/^[A-Za-z_][A-Za-z0-9_]*\s*=/.test(line)) continue;
    const [, schedule, rest] = /^(@[a-z]+|(?:\S+\s+){4}\S+)\s+(.+)$/.exec(line) ?? [];
    if (rest === undefined) continue;
    const [, user, command] = owner === undefined
      ? /^(\S+)\s+(.+)$/.exec(rest) ?? []
      : ["", owner, rest];
    if (command === undefined) continue;
    yield {
      kind: "cron",
      path,
      name: `line ${number}`,
      command,
      user_name: user!,
      schedule: schedule!.replace(/\s+/g, " "),
    };
  }
}

function userOf(host: Host, path: string): string | null {
  const uid = host.info(path)?.uid;
  const lines = host.text("/etc/passwd").split("\n").map((line) => line.split(":"));
  return lines.find(([, , id]) => Number(id) === uid)?.[0] ?? null;
}
