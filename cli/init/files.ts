import { GRANT_OPTIONS } from "../lock_file.ts";
import { compileText } from "../../compiler/mod.ts";
import { budgetOf, grantsOf } from "../../compiler/permissions/grants.ts";
import { LOCK_NAME, lockText } from "../../compiler/permissions/lock.ts";
import { GIT_IGNORE, PRE_COMMIT_HOOK, repositoryConfig, TEST_FILE } from "./config.ts";
import { editorFiles } from "./editor.ts";
import { EXAMPLE_CASES, EXAMPLE_NAME, EXAMPLE_PATH, exampleDetection } from "./example.ts";
import { readme } from "./readme.ts";
import { type ToolkitSource, workflow } from "./workflow.ts";

/** A file to be written. */
export interface NewFile {
  /** Path in the repository, with slashes. */
  readonly path: string;
  /** Its whole text. */
  readonly text: string;
  /** Whether it is a program. */
  readonly executable?: true;
}

/** What a repository is made with. */
export interface NewRepository {
  /** What it is called. */
  readonly name: string;
  /** The toolkit's folder, absolute or relative to the repository, with slashes. */
  readonly toolkit: string;
  /** Where its workflow gets the toolkit from. */
  readonly source: ToolkitSource;
  /** An ISO date. */
  readonly today: string;
  /** UUID of its first detection. */
  readonly id: string;
}

/** The files of a new repository. */
export function repositoryFiles(
  { name, toolkit, source, today, id }: NewRepository,
): readonly NewFile[] {
  const detection = exampleDetection(id, today);
  const texts: Readonly<Record<string, string>> = {
    "README.md": readme(name, toolkit),
    "deno.json": repositoryConfig(toolkit),
    ".gitignore": GIT_IGNORE,
    [EXAMPLE_PATH]: detection,
    ...Object.fromEntries(
      Object.entries(EXAMPLE_CASES)
        .map(([file, text]) => [`fixtures/${EXAMPLE_NAME}/${file}`, text]),
    ),
    [LOCK_NAME]: lockFor(detection),
    "tests/detections_test.ts": TEST_FILE,
    ".github/workflows/detections.yml": workflow(source),
    ...editorFiles(),
  };
  return [
    ...Object.entries(texts).map(([path, text]) => ({ path, text })),
    { path: ".githooks/pre-commit", text: PRE_COMMIT_HOOK, executable: true },
  ];
}

function lockFor(detection: string): string {
  const { compiled } = compileText(detection, EXAMPLE_PATH, GRANT_OPTIONS.catalogue);
  return lockText(budgetOf(grantsOf(compiled!, GRANT_OPTIONS)));
}
