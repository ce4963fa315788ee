import type { system_configuration } from "../../profiles/system_configuration.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Host } from "../regmond/host.ts";

/** What a setting is about. */
export type Category = Row<typeof system_configuration, "linux">["category"];

/** A setting as a parser finds it. */
export interface Setting {
  /** The file that has it, by its path on the host. */
  readonly path: string;
  /** Line of the file, from 1; absent where the file is the setting. */
  readonly line?: number;
  /** Its name, with its section or scope where there is one. */
  readonly name: string;
  /** Its name without scope, as the baseline knows it; absent where that is the same. */
  readonly key?: string;
  /** Its value as text; `null` where it could not be read. */
  readonly value: string | null;
  /** Why there is no value. */
  readonly gap?: GapReason;
  /** What it is about, where that is not what its family is about. */
  readonly category?: Category;
  /** Something else overrides it. */
  readonly overridden?: true;
  /** What else is known of it, as `platform_data` shows it. */
  readonly more?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Notes in words what is missing from the settings. */
export type Note = (reason: string) => void;

/** Settings that are read in one way. */
export interface Family {
  /** What the baseline knows it by. */
  readonly name: string;
  /** What its settings are about. */
  readonly categories: readonly [Category, ...Category[]];
  /** How the paths of its files begin. */
  readonly places: readonly string[];
  /** Whether its files may name others, anywhere. */
  readonly includes?: true;
  /** Reads all of them. */
  readonly read: (host: Host, note: Note) => Iterable<Setting>;
}

/** Settings of one family that are told; what is more is a mistake or an attack. */
export const MAX_SETTINGS = 200_000;

/** Files that one family is read from. */
export const MAX_FILES = 10_000;
