import type { configuration_changes } from "../../../profiles/configuration_changes.ts";
import type { Row } from "../../../schema/row.ts";
import type { Host } from "../../regmond/host.ts";
import { type Impact, recommendationFor } from "../baseline.ts";
import { describe, type Merged, mergeSettings } from "../configuration.ts";
import { PROC_SYS } from "../families/sysctl.ts";
import { MASK, maskSecrets } from "../secrets.ts";
import type { Family } from "../setting.ts";
import { inWords, type Writers } from "./writers.ts";

/** A row of `configuration_changes`. */
export type Change = Row<typeof configuration_changes, "linux">;

/** The settings of a family at one time, by place and name. */
export type Look = ReadonlyMap<string, Merged>;

/** Looks at a family. What is noted meanwhile is told with `system_configuration`. */
export function lookAt(host: Host, family: Family): Look {
  const settings = mergeSettings(host, family, () => {});
  return new Map(settings.map((setting) => [`${setting.path}\0${setting.name}`, setting]));
}

/** How much settings matter that the baseline does not have. */
const IMPACTS: Readonly<Record<string, Impact>> = {
  preload: "critical",
  sudoers: "high",
  pam: "high",
  sshd: "medium",
  units: "medium",
  modprobe: "medium",
  audit: "medium",
};

/** What a change is told with besides what changed: when it is, and was, and who wrote. */
export interface Circumstances {
  /** ms since the epoch of the look before. */
  readonly before: number;
  /** The same of this one. */
  readonly now: number;
  /** Who has written files; absent where nobody tells. */
  readonly writers?: Pick<Writers, "of">;
}

/** ms by which what the kernel tells of a file may be older than the look before: both come when they come. */
const SLACK = 2000;

/**
 * What is other than before. Settings of files that could not be read this time are left as they were. Parameters of the
 * kernel come and go with interfaces and modules, which is no change of the settings.
 */
export function* compareLooks(
  host: Host,
  family: Family,
  before: Look,
  after: Look,
  circumstances: Circumstances,
): Generator<Change> {
  for (const [id, setting] of after) {
    const old = before.get(id);
    if (setting.value === null || old?.value === null || old?.value === setting.value) continue;
    if (old || !setting.path.startsWith(PROC_SYS)) {
      yield changeOf(host, family, old, setting, circumstances);
    }
  }
  for (const [id, old] of before) {
    if (!after.has(id) && old.value !== null && !old.path.startsWith(PROC_SYS)) {
      yield changeOf(host, family, old, undefined, circumstances);
    }
  }
}

/**
 * A look in which the settings of files that could not be read are those of the look before, as are those of what lies in
 * folders that could not be read, and of what such files may have included.
 */
export function withUnread(host: Host, family: Family, before: Look, after: Look): Look {
  const unread = host.unread.map((words) => words.slice(0, words.lastIndexOf(" (")));
  if (unread.length === 0) return after;
  const read = new Set(Array.from(before.values(), ({ path }) => path));
  const all = family.includes && unread.some((path) => read.has(path));
  const kept = [...before].filter(([id, { path }]) =>
    !after.has(id) && (all || unread.some((one) => path === one || path.startsWith(`${one}/`)))
  );
  return new Map([...after, ...kept]);
}

function changeOf(
  host: Host,
  family: Family,
  old: Merged | undefined,
  current: Merged | undefined,
  { before, now, writers }: Circumstances,
): Change {
  const setting = (current ?? old)!;
  const { path, name, key = name } = setting;
  const shown = (value: string | null | undefined) =>
    value === null || value === undefined ? null : maskSecrets(name, value);
  const modified = current && !path.startsWith(PROC_SYS) ? host.info(path)?.modified : undefined;
  const old_value = shown(old?.value);
  const last = writers?.of(realPath(host, path));
  const writer = last && last.at >= before - SLACK ? last : undefined;
  return {
    change_id: crypto.randomUUID(),
    config_path: path,
    setting_name: name,
    old_value,
    new_value: shown(current?.value),
    change_type: !old ? "create" : current ? "modify" : "delete",
    change_time: modified !== undefined && modified > before && modified <= now ? modified : now,
    changed_by: writer ? inWords(writer, host) : null,
    change_reason: null,
    impact_level: recommendationFor(family.name, key)?.impact ?? IMPACTS[family.name] ?? "low",
    rollback_available: !old_value?.includes(MASK),
    platform_data: JSON.stringify({ ...describe(setting, family), ...writer?.process }),
  };
}

/** The path that the kernel has for one that may lead through links. */
function realPath(host: Host, path: string): string {
  const slash = path.lastIndexOf("/");
  const found = host.locate(path) ??
    // What is gone has a folder that may still be there.
    `${host.locate(path.slice(0, slash)) ?? path.slice(0, slash)}${path.slice(slash)}`;
  return host.root === "/" ? found : found.replace(host.root, "");
}
