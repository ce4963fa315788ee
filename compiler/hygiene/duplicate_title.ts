import { at, type HygieneCheck } from "./check.ts";
import { firstBy } from "./corpus.ts";

const firstOfTitle = firstBy(({ meta }) => meta.title.toLowerCase().replace(/\s+/g, " ").trim());

/** Two detections can be told apart by their titles. */
export const duplicateTitle: HygieneCheck = {
  code: "duplicate-title",
  docs: {
    what: "A title that another detection has as well.",
    why:
      "Alerts are listed by title: two rules under one name cannot be told apart, tuned or discussed.",
    bad: "title: A second detection of the same title",
    good: "title: Another title",
  },
  *check({ detection, corpus }) {
    const first = firstOfTitle(detection, corpus);
    if (!first || first === detection) return;
    yield {
      span: at(detection, "title"),
      message: `${first.file} has this title as well`,
      hint: "say in the title what sets the two apart",
    };
  },
};
