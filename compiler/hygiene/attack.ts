import data from "./attack.json" with { type: "json" };

/** What is known of ATT&CK: `attack.json` holds the ids of a release, and which tactics a technique belongs to. */
const ATTACK: {
  readonly source: string;
  readonly version: string;
  readonly tactics: readonly string[];
  readonly techniques: Readonly<Record<string, readonly string[]>>;
  /** Ids that were revoked or deprecated, with the id that took their place. */
  readonly withdrawn: Readonly<Record<string, string | null>>;
} = data;

/** The release, as a message names it. */
export const RELEASE = `${ATTACK.source.replace(/^MITRE /, "")} ${ATTACK.version}`;

/** Tactics by the names that tags have for them. */
export const TACTICS: readonly string[] = ATTACK.tactics;

/** The tactics of a technique (`T1059.004`); `undefined` where there is no such technique. */
export function tacticsOf(technique: string): readonly string[] | undefined {
  return Object.hasOwn(ATTACK.techniques, technique) ? ATTACK.techniques[technique] : undefined;
}

/** What took the place of a withdrawn technique, null where nothing did; `undefined` where none was withdrawn. */
export function successorOf(technique: string): string | null | undefined {
  return Object.hasOwn(ATTACK.withdrawn, technique) ? ATTACK.withdrawn[technique] : undefined;
}

/** The sub-techniques of a technique. */
export function subtechniquesOf(technique: string): readonly string[] {
  return Object.keys(ATTACK.techniques).filter((id) => id.startsWith(`${technique}.`));
}

/** The technique that a tag names, in capitals; `undefined` of other tags. */
export function techniqueOf(tag: string): string | undefined {
  return /^attack\.(t\d[\d.]*)$/.exec(tag)?.[1]?.toUpperCase();
}
