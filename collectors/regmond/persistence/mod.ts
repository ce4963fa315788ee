import type { Reading } from "../../core/collector.ts";
import type { Host } from "../host.ts";
import * as boot from "./boot.ts";
import { cron } from "./cron.ts";
import { type Finder, homesOf, itemOf } from "./item.ts";
import * as login from "./login.ts";
import { systemd } from "./systemd.ts";

/** Every mechanism that is looked at. */
const FINDERS: readonly Finder[] = [systemd, cron, ...Object.values(boot), ...Object.values(login)];

/** What the host starts by itself. Two items of the same kind, file and name are one, the first of them. */
export function* readPersistence(host: Host): Generator<Reading> {
  const homes = homesOf(host);
  const seen = new Set<string>();
  for (const find of FINDERS) {
    for (const found of find(host, homes)) {
      const key = JSON.stringify([found.kind, found.path, found.name]);
      if (seen.has(key)) continue;
      seen.add(key);
      yield { row: itemOf(host, found) };
    }
  }
}
