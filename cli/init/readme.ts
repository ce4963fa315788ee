import { EXAMPLE_NAME, EXAMPLE_PATH } from "./example.ts";

/**
 * The page that people see first.
 *
 * @param name of the repository
 * @param toolkit the toolkit's folder, as `deno.json` has it
 */
export function readme(name: string, toolkit: string): string {
  return `# ${name}

Detections for hosts: SQL over what collectors read there, each proven by fixtures.

\`\`\`sh
git config core.hooksPath .githooks   # once in every clone: lint and test before each commit
deno task lint                        # every fault at its line
deno task test                        # the fixtures
deno task test --coverage             # which clauses they reach
deno task test --mutate               # which mistakes they would not notice
deno task scan                        # look at this host once
\`\`\`

## Add a detection

1. Look at the tables: \`deno task daemoneye schema\`, \`deno task daemoneye schema processes\`.
2. Try the SQL on this host:
   \`deno task daemoneye query "SELECT pid, name FROM processes WHERE user_id = 0"\`.
3. Write \`detections/<tactic>/<name>.sql\` as [${EXAMPLE_NAME}](${EXAMPLE_PATH}) is written.
4. Write at least a case that fires and one that stays silent in \`fixtures/<name>/\`.
5. \`deno task lint\`, \`deno task test\`.

## What it makes hosts grant

\`permissions.lock.json\` has the collectors that these detections start on a host, the tables they
read, and the columns that the host keeps from ordinary users. Lint fails where a change needs more.
\`deno task lock\` accepts that; the difference is there to be reviewed by those who answer for the
hosts.

## The toolkit

The toolkit's folder stands twice in \`deno.json\`, in the task \`daemoneye\` and under \`links\`:
\`${toolkit}\`. On another machine clone it to the same place, or change both. The workflow in
\`.github/workflows\` checks it out by itself.
`;
}
