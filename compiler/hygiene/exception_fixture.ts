import { nearest } from "../nearest.ts";
import { at, type HygieneCheck } from "./check.ts";

/** What an exception leaves out can be seen in a fixture. */
export const exceptionFixture: HygieneCheck = {
  code: "exception-fixture",
  docs: {
    what: "An exception without `fixture`, or with one that does not exist.",
    why:
      "Only a case that would fire without the exception shows that it leaves out what it should, and no more.",
    bad: "exceptions:\n  - { id: backup, when: name = 'rsync', reason: Nightly backup }",
    good:
      "exceptions:\n  - { id: backup, when: name = 'rsync', reason: Nightly backup, fixture: nightly_backup }",
  },
  *check({ detection, fixtures }) {
    for (const [index, { id, fixture }] of detection.meta.exceptions.entries()) {
      if (fixture === undefined) {
        yield {
          span: at(detection, `exceptions.${index}.id`),
          message: `the exception \`${id}\` has no \`fixture\``,
          hint: "name the fixture case that shows what it leaves out",
        };
      } else if (
        fixtures && !fixtures.some(({ file, name }) => fixture === file || fixture === name)
      ) {
        const known = fixtures.flatMap(({ file, name }) =>
          name === undefined ? [file] : [file, name]
        );
        yield {
          span: at(detection, `exceptions.${index}.fixture`),
          message: `there is no fixture case \`${fixture}\``,
          hint: nearest(fixture, known) ?? `add fixtures/${detection.name}/${fixture}.yaml`,
        };
      }
    }
  },
};
