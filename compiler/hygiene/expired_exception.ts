import { at, type HygieneCheck } from "./check.ts";

/** An exception holds as long as was agreed, no longer. */
export const expiredException: HygieneCheck = {
  code: "expired-exception",
  docs: {
    what: "An exception whose `expires` has passed.",
    why:
      "What was benign for a while hides an attack afterwards, and nobody remembers that it does.",
    bad:
      "exceptions:\n  - { id: migration, when: name = 'rsync', reason: Moving house, expires: 2020-01-31 }",
    good:
      "exceptions:\n  - { id: migration, when: name = 'rsync', reason: Moving house, expires: 2999-12-31 }",
  },
  *check({ detection, today }) {
    for (const [index, { id, owner, expires }] of detection.meta.exceptions.entries()) {
      if (expires === undefined || expires >= today) continue;
      yield {
        span: at(detection, `exceptions.${index}.expires`),
        message: `the exception \`${id}\` expired on ${expires}`,
        hint: `remove it, or agree on another date${owner === undefined ? "" : ` with ${owner}`}`,
      };
    }
  },
};
