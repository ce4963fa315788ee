import type { Host } from "../../regmond/host.ts";
import { SYSTEM } from "../../regmond/persistence/systemd.ts";
import { dropIns, linesOf } from "../files.ts";
import type { Category, Family, Setting } from "../setting.ts";

const UNIT = /[.](service|socket|timer|path|mount|automount|slice|target)$/;

/** Settings that may stand more than once and then add up (systemd.exec(5), systemd.unit(5) and others). */
const LISTS =
  /[.](Exec\w+|Environment\w*|PassEnvironment|UnsetEnvironment|\w+Paths|Listen\w+|On[A-Z]\w+|Condition\w+|Assert\w+|After|Before|Wants|Requires|Requisite|BindsTo|PartOf|Conflicts|WantedBy|RequiredBy|UpheldBy|Also|Alias|Documentation|SystemCallFilter|CapabilityBoundingSet|AmbientCapabilities|RestrictAddressFamilies|DeviceAllow|SupplementaryGroups|LoadCredential\w*|SetCredential\w*|IPAddress(Allow|Deny)|DNS|NTP|FallbackNTP)$/;

/** The settings of files in the syntax of systemd (systemd.syntax(7)), each file after those that it adds to. */
export function* readIni(
  host: Host,
  paths: readonly string[],
  category?: Category,
): Generator<Setting> {
  const settings = new Map<string, { -readonly [K in keyof Setting]: Setting[K] }[]>();
  for (const path of paths) {
    let section = "";
    const lines = linesOf(host.text(path), { comment: /^[#;]/, joined: true });
    for (const { text, number } of lines) {
      const [, heading] = /^\[([^\]]*)\]$/.exec(text) ?? [];
      if (heading !== undefined) section = heading;
      const [, key, value] = /^([A-Za-z0-9_-]+)\s*=\s*(.*)$/.exec(text) ?? [];
      if (heading !== undefined || key === undefined) continue;
      const name = section === "" ? key : `${section}.${key}`;
      const before = settings.get(name) ?? [];
      const isList = LISTS.test(name);
      // An empty value takes those before it away, and means nothing once others follow.
      for (const one of before) {
        if (!isList || value === "" || one.value === "") one.overridden = true;
      }
      const setting = { path, line: number, name, value: value!, ...(category && { category }) };
      settings.set(name, [...before, setting]);
    }
  }
  for (const lines of settings.values()) yield* lines;
}

/** Units of systemd with what drop-ins change of them. */
function* readUnits(host: Host): Generator<Setting> {
  const told = new Set<string>();
  for (const folder of SYSTEM) {
    for (const name of host.list(folder)) {
      if (!UNIT.test(name) || told.has(name)) continue;
      told.add(name);
      yield* ofUnit(host, name, `${folder}/${name}`);
    }
  }
}

function* ofUnit(host: Host, unit: string, path: string): Generator<Setting> {
  const parts = dropIns(host, SYSTEM.map((folder) => `${folder}/${unit}.d`), /[.]conf$/);
  const main = host.info(path)?.isFile ? [path] : [];
  for (const setting of readIni(host, [...main, ...parts])) {
    yield { ...setting, more: { unit } };
  }
}

/** Units of systemd (systemd.unit(5)). */
export const units: Family = {
  name: "units",
  categories: ["system"],
  places: SYSTEM.map((folder) => `${folder}/`),
  read: readUnits,
};
