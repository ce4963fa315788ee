import { compileGlob } from "../../dialect/wildcard.ts";
import type { TaskKeys } from "../../model/collection.ts";
import type { system_configuration } from "../../profiles/system_configuration.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import type { Host } from "../regmond/host.ts";
import { judge, recommendationFor } from "./baseline.ts";
import { FAMILIES } from "./families/mod.ts";
import { maskSecrets } from "./secrets.ts";
import { type Category, type Family, MAX_SETTINGS, type Note, type Setting } from "./setting.ts";

/** A row of `system_configuration`. */
export type Configuration = Row<typeof system_configuration, "linux">;

/** A setting of a place: what all its lines there come to. */
export interface Merged extends Setting {
  /** What it is about. */
  readonly category: Category;
}

/** Endings that editors, package managers and administrators give to the version before. */
const BACKUPS = [
  "~",
  "-",
  ".bak",
  ".old",
  ".orig",
  ".dpkg-old",
  ".dpkg-dist",
  ".rpmsave",
  ".ucf-old",
];

/**
 * The settings of a family, each place and name once: lines that count are put together, in their order; those that
 * something else overrides are told only where none counts.
 */
export function mergeSettings(host: Host, family: Family, note: Note): readonly Merged[] {
  const found = new Map<string, Merged>();
  let count = 0;
  for (const setting of family.read(host, note)) {
    if (++count > MAX_SETTINGS) {
      note(`more than ${MAX_SETTINGS} settings of ${family.name}`);
      break;
    }
    const id = `${setting.path}\0${setting.name}`;
    const before = found.get(id);
    const category = setting.category ?? family.categories[0];
    if (!before || before.overridden && !setting.overridden) {
      found.set(id, { ...setting, category });
    } else if (before.overridden || !setting.overridden) found.set(id, join(before, setting));
  }
  return [...found.values()];
}

/** Bytes of one setting's value; what is longer is no setting. */
const MAX_JOINED = 65_536;

function join(before: Merged, { value, more }: Setting): Merged {
  if ((before.value?.length ?? 0) > MAX_JOINED) return before;
  const lists = Object.entries(more ?? {}).map(([name, value]) => {
    const known = before.more?.[name];
    return [
      name,
      Array.isArray(value) && Array.isArray(known) ? [...new Set([...known, ...value])] : value,
    ];
  });
  return {
    ...before,
    value: before.value === null || value === null
      ? before.value ?? value
      : `${before.value}\n${value}`,
    more: { ...before.more, ...Object.fromEntries(lists) },
  };
}

/** Which settings a task asks for. */
export interface Wanted {
  /** The families that may have them. */
  readonly families: readonly Family[];
  /** Whether a setting is one of them. */
  readonly wants: (setting: Merged) => boolean;
}

/** What keys ask for. A path is left to the families that know it; one that nobody knows, to those that include others. */
export function wantedBy({ column, values = [], globs = [] }: TaskKeys): Wanted {
  const exact = new Set(values.map(String));
  const patterns = globs.map((glob) => compileGlob(glob));
  const matches = (text: string) => exact.has(text) || patterns.some((matches) => matches(text));
  if (column === "category") {
    return {
      families: FAMILIES.filter(({ categories }) => categories.some(matches)),
      wants: ({ category }) => matches(category),
    };
  }
  const beginnings = [
    ...[...exact].map((path) => [path, true] as const),
    ...globs.map((glob) => [/^[^*?[]*/.exec(glob)![0], false] as const),
  ];
  const families = new Set(beginnings.flatMap(([beginning, whole]) => {
    const knowing = FAMILIES.filter(({ places }) =>
      places.some((place) => beginning.startsWith(place) || !whole && place.startsWith(beginning))
    );
    return knowing.length > 0 ? knowing : FAMILIES.filter(({ includes }) => includes);
  }));
  return { families: [...families], wants: ({ path }) => matches(path) };
}

/** What a value is, by its text. */
function typeOf(value: string | null): Configuration["setting_type"] {
  if (value === null) return "string";
  if (/^-?\d{1,18}$/.test(value)) return "integer";
  return /^(?:yes|no|true|false|on|off)$/i.test(value) ? "boolean" : "string";
}

/** Rows of `system_configuration` for the keys of a task. */
export function* readConfiguration(
  host: Host,
  keys: TaskKeys,
  note: Note,
  now: () => number = Date.now,
): Generator<Reading> {
  const places = new Map<string, Pick<Configuration, "modified_time" | "backup_available">>();
  const placeOf = (path: string) => {
    const known = places.get(path);
    if (known) return known;
    const place = path.startsWith("/proc/") ? { modified_time: null, backup_available: null } : {
      modified_time: host.info(path)?.modified ?? null,
      backup_available: BACKUPS.some((ending) => host.info(path + ending)?.isFile),
    };
    places.set(path, place);
    return place;
  };
  const { families, wants } = wantedBy(keys);
  for (const family of families) {
    for (const setting of mergeSettings(host, family, note)) {
      if (!wants(setting)) continue;
      const { path, name, key = name, value, gap, category, overridden } = setting;
      const recommendation = overridden ? undefined : recommendationFor(family.name, key);
      const shown = value === null ? null : maskSecrets(name, value);
      const row: Configuration = {
        config_path: path,
        config_type: path.startsWith("/proc/sys/") ? "sysctl" : "file",
        setting_name: name,
        setting_value: shown,
        setting_type: typeOf(shown),
        category,
        ...placeOf(path),
        modified_by: null,
        compliance_status: recommendation ? judge(recommendation.recommended, value) : "unknown",
        analysis_time: now(),
        platform_data: JSON.stringify(describe(setting, family)),
      };
      if (!gap) yield { row };
      else {
        // Nobody can say that a value which could not be read is the recommended one.
        const unjudged = recommendation && { compliance_status: null };
        const gaps: Record<string, GapReason> = { setting_value: gap };
        if (unjudged) gaps.compliance_status = gap;
        yield { row: { ...row, ...unjudged }, gaps };
      }
    }
  }
}

/** What `platform_data` shows of a setting; secrets are masked. */
export function describe(
  { line, overridden, more, name }: Merged,
  { name: family }: Family,
): Readonly<Record<string, unknown>> {
  const masked = Object.entries(more ?? {}).map(([key, value]) => [
    key,
    typeof value === "string"
      ? maskSecrets(name, value)
      : Array.isArray(value)
      ? value.map((one: string) => maskSecrets(name, one))
      : value,
  ]);
  return {
    family,
    ...(line !== undefined && { line }),
    effective: !overridden,
    ...Object.fromEntries(masked),
  };
}
