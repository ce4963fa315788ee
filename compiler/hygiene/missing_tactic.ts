import { TACTICS, tacticsOf, techniqueOf } from "./attack.ts";
import { at, type HygieneCheck } from "./check.ts";

/** A technique stands with a tactic that it serves. */
export const missingTactic: HygieneCheck = {
  code: "missing-tactic",
  docs: {
    what: "A technique without a tag of one of its tactics.",
    why:
      "The technique says how, the tactic says to what end; reports and navigators group by the latter.",
    bad: "tags: [attack.t1059.004]",
    good: "tags: [attack.execution, attack.t1059.004]",
  },
  *check({ detection }) {
    const { tags } = detection.meta;
    const given = TACTICS.filter((tactic) => tags.includes(`attack.${tactic}`));
    for (const [index, tag] of tags.entries()) {
      const technique = techniqueOf(tag);
      const tactics = technique === undefined ? undefined : tacticsOf(technique);
      if (!tactics || tactics.some((tactic) => given.includes(tactic))) continue;
      yield {
        span: at(detection, `tags.${index}`),
        message: `${technique} without a tag of its tactic`,
        hint: `add ${tactics.map((tactic) => `attack.${tactic}`).join(" or ")}`,
      };
    }
  },
};
