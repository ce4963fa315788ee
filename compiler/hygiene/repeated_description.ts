import { at, type HygieneCheck } from "./check.ts";

/** A description says more than the title. */
export const repeatedDescription: HygieneCheck = {
  code: "repeated-description",
  docs: {
    what: "A description that only repeats the title.",
    why: "It stands in the alert to say why the find matters; the title has said what it is.",
    bad: "title: Program run from shared memory\ndescription: Program run from shared memory.",
    good:
      "title: Program run from shared memory\ndescription: Software is not installed in /dev/shm. What runs there was put there to leave no trace.",
  },
  *check({ detection }) {
    const { title, description } = detection.meta;
    if (plain(title) !== plain(description)) return;
    yield {
      span: at(detection, "description"),
      message: "the description repeats the title",
      hint: "say what an attacker gains by it, and what is left out on purpose",
    };
  },
};

function plain(text: string): string {
  return text.toLowerCase().replace(/[\s.]+/g, " ").trim();
}
