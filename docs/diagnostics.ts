/**
 * Writes `docs/diagnostics.md`: every diagnostic code with what it means. With `--check` it writes nothing and exits with
 * 1 where the page is stale.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { CHECKS } from "../compiler/checks/mod.ts";
import { HYGIENE_CHECKS } from "../compiler/hygiene/mod.ts";
import { type Code, CODES } from "../diagnostics/codes.ts";
import { CODE_DOCS, type CodeDocs, LOCK_DOCS } from "./codes.ts";

/** Where the page lies. */
export const DIAGNOSTICS_PAGE: string = fromFileUrl(new URL("./diagnostics.md", import.meta.url));

interface Section {
  readonly title: string;
  readonly introduction: string;
  /** What is said of each code, in the order of the page. */
  readonly codes: ReadonlyMap<Code, readonly CodeDocs[]>;
}

const SECTIONS: readonly Section[] = [
  {
    title: "Files and SQL",
    introduction: "What keeps a file from being read as a detection.",
    codes: byName(CODE_DOCS),
  },
  {
    title: "Checks of the query",
    introduction: "What SQLite would run, with another meaning than its author's.",
    codes: byCode(CHECKS),
  },
  {
    title: "Hygiene",
    introduction:
      "What makes a detection hard to trust, to run or to live with. Only `daemoneye lint` says these.",
    codes: byCode(HYGIENE_CHECKS),
  },
  {
    title: "Permission lock",
    introduction: "What detections make hosts grant, held against what was agreed to. " +
      "See [permissions](permissions.md).",
    codes: byName(LOCK_DOCS),
  },
];

function byName(docs: Readonly<Record<string, CodeDocs>>): ReadonlyMap<Code, readonly CodeDocs[]> {
  return new Map(Object.entries(docs).map(([code, docs]) => [code as Code, [docs]]));
}

function byCode(
  checks: readonly { readonly code: Code; readonly docs: CodeDocs }[],
): ReadonlyMap<Code, readonly CodeDocs[]> {
  const groups = Map.groupBy(checks, ({ code }) => code);
  return new Map([...groups].map(([code, group]) => [code, group.map(({ docs }) => docs)]));
}

/** The codes that the page explains. */
export const DOCUMENTED_CODES: readonly Code[] = SECTIONS.flatMap(({ codes }) => [...codes.keys()]);

/** The page. */
export function diagnosticsPage(): string {
  const sections = SECTIONS.map(({ title, introduction, codes }) =>
    [
      `## ${title}`,
      introduction,
      [...codes.keys()].map((code) => `[${code}](#${code})`).join(" · "),
      ...[...codes].map(([code, docs]) => codeText(code, docs)),
    ].join("\n\n")
  );
  return `${INTRODUCTION}\n${sections.join("\n\n")}\n`;
}

function codeText(code: Code, docs: readonly CodeDocs[]): string {
  const { severity, title } = CODES[code];
  return [`### ${code}`, `_${severity}_: ${title}.`, ...docs.flatMap(paragraphs)].join("\n\n");
}

function paragraphs({ what, why, bad, good }: CodeDocs): string[] {
  return [
    `${what} ${why}`,
    ...(bad === undefined ? [] : [`Bad:\n\n${fenced(bad)}`]),
    ...(good === undefined ? [] : [`Good:\n\n${fenced(good)}`]),
  ];
}

function fenced(example: string): string {
  const language = /^[a-z-]+:/.test(example) && !example.includes("\n---\n") ? "yaml" : "sql";
  return `\`\`\`${language}\n${example.trimEnd()}\n\`\`\``;
}

const INTRODUCTION = `# Diagnostics

Every diagnostic has a code. Errors keep a detection from running; warnings and notes (info) do not. \`daemoneye lint\`
exits with 1 where there is an error, or what \`--fail-on\` names.

Examples are SQL, lines of the front-matter, or lines of the front-matter above SQL.
`;

if (import.meta.main) {
  const page = diagnosticsPage();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(DIAGNOSTICS_PAGE, page);
  else if (page !== await Deno.readTextFile(DIAGNOSTICS_PAGE)) {
    console.error("docs/diagnostics.md is stale: run `deno task docs`");
    Deno.exit(1);
  }
}
