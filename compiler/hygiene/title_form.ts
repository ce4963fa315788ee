import { at, type HygieneCheck } from "./check.ts";

/** The longest title, as in Sigma's rule repository. */
const MAX_TITLE = 110;

/** A title is a title. */
export const titleForm: HygieneCheck = {
  code: "title-form",
  docs: {
    what: `A title of more than ${MAX_TITLE} characters, or one that ends in a full stop.`,
    why: "Titles stand in lists, subject lines and chat messages, which cut long ones off.",
    bad: "title: A program runs from shared memory.",
    good: "title: Program run from shared memory",
  },
  *check({ detection }) {
    const { title } = detection.meta;
    const span = at(detection, "title");
    const length = [...title].length;
    if (length > MAX_TITLE) {
      yield {
        span,
        message: `the title has ${length} characters, ${length - MAX_TITLE} too many`,
        hint: `at most ${MAX_TITLE}; the rest belongs into \`description\``,
      };
    }
    if (/[^.]\.$/.test(title.trim())) {
      yield {
        span,
        message: "the title ends in a full stop",
        hint: "a title is not a sentence: leave it out",
      };
    }
  },
};
