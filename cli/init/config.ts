import config from "../../deno.json" with { type: "json" };

/**
 * `deno.json` of a repository. The toolkit's folder stands in it twice: for the program, which runs with the toolkit's own
 * permissions and locked packages, and for what the repository's own tests import.
 *
 * @param toolkit the toolkit's folder, absolute or relative to the repository, with slashes
 */
export function repositoryConfig(toolkit: string): string {
  const task = (description: string, command: string) => ({ description, command });
  const inner = (words: string) => `deno task -q daemoneye ${words}`;
  return json({
    tasks: {
      lint: task("Check the detections", inner("lint .")),
      test: task("Run the fixtures of the detections", inner("test .")),
      scan: task("Look at this host once with the detections", inner("scan .")),
      lock: task(
        "Accept what the detections make a host grant",
        inner("explain --permissions --write-lock ."),
      ),
      daemoneye: task(
        "Any command: deno task daemoneye --help",
        `deno run -q -P=host --config=${quoted(`${toolkit}/deno.json`)} ` +
          quoted(`${toolkit}/cli/main.ts`),
      ),
    },
    imports: { [config.name]: `jsr:${config.name}` },
    links: [toolkit],
    unstable: config.unstable,
    fmt: { lineWidth: 100, proseWrap: "preserve" },
  });
}

/** A word as the shell of Deno's tasks reads it. */
function quoted(word: string): string {
  return /^[\w./@%+:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** A value as a JSON file. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A test file that runs the fixtures beside whatever the repository tests itself. */
export const TEST_FILE: string =
  `// \`deno test -A\` runs the fixtures beside other tests of this repository.
import { testDetections } from "${config.name}";

await testDetections(\`\${import.meta.dirname}/../detections\`);
`;

/** What git is not to keep: stores, and results that tools leave behind. */
export const GIT_IGNORE = `*.kv
*.kv-shm
*.kv-wal
/coverage/
/lcov.info
/lint.sarif
`;

/** A hook of git (githooks(5)). It looks at the working tree, which may have more than is committed. */
export const PRE_COMMIT_HOOK = `#!/bin/sh
# Lints the detections and runs their fixtures before every commit.
# Switch it on once in every clone: git config core.hooksPath .githooks
set -eu
cd "$(dirname "$0")/.."
if ! command -v deno >/dev/null; then
  echo "pre-commit: deno is not in the PATH; git commit --no-verify commits unchecked" >&2
  exit 1
fi
deno task -q lint --quiet
deno task -q test --quiet
`;
