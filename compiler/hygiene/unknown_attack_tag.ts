import { nearest } from "../nearest.ts";
import {
  RELEASE,
  subtechniquesOf,
  successorOf,
  TACTICS,
  tacticsOf,
  techniqueOf,
} from "./attack.ts";
import { at, type HygieneCheck } from "./check.ts";

type Fault = { readonly message: string; readonly hint: string };

/** Groups, software, campaigns and mitigations, of which only the form is known. */
const OTHER_IDS = /^[gscm]\d{4}$/;

/** Tactics and techniques of ATT&CK exist. */
export const unknownAttackTag: HygieneCheck = {
  code: "unknown-attack-tag",
  docs: {
    what:
      `An \`attack.\` tag of a tactic or technique that does not exist, or no longer does (${RELEASE}).`,
    why: "Coverage is counted by these tags: what is tagged wrongly counts for nothing.",
    bad: "tags: [attack.execution, attack.t1086]",
    good: "tags: [attack.execution, attack.t1059.001]",
  },
  *check({ detection }) {
    for (const [index, tag] of detection.meta.tags.entries()) {
      const fault = tag.startsWith("attack.") ? faultOf(tag) : undefined;
      if (fault) yield { span: at(detection, `tags.${index}`), ...fault };
    }
  },
};

function faultOf(tag: string): Fault | undefined {
  const technique = techniqueOf(tag);
  if (technique !== undefined) return techniqueFault(technique);
  const value = tag.slice("attack.".length);
  if (TACTICS.includes(value) || OTHER_IDS.test(value)) return undefined;
  const hint = nearest(tag.replaceAll("_", "-"), TACTICS.map((tactic) => `attack.${tactic}`));
  return {
    message: `\`${value}\` is no tactic of ${RELEASE}`,
    hint: hint ?? "tactics by name, techniques by id: attack.execution, attack.t1059.004",
  };
}

function techniqueFault(id: string): Fault | undefined {
  if (tacticsOf(id)) return undefined;
  const successor = successorOf(id);
  if (successor !== undefined) {
    return {
      message: `${id} was withdrawn from ATT&CK`,
      hint: successor === null
        ? "nothing took its place"
        : `${successor} took its place: attack.${successor.toLowerCase()}`,
    };
  }
  return { message: `${RELEASE} has no technique ${id}`, hint: techniqueHint(id) };
}

function techniqueHint(id: string): string {
  const parent = id.split(".")[0]!;
  if (!tacticsOf(parent)) return "techniques are listed at https://attack.mitre.org/techniques/";
  const subs = subtechniquesOf(parent);
  if (subs.length === 0) return `${parent} has no sub-techniques: attack.${parent.toLowerCase()}`;
  return `${parent} has the sub-techniques ${subs[0]} to ${subs.at(-1)}`;
}
