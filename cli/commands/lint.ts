import { bold, brightRed, cyan, green, yellow } from "@std/fmt/colors";
import type { LoadedFile } from "../../compiler/files.ts";
import { type Corpus, hygieneDiagnostics } from "../../compiler/hygiene/mod.ts";
import type { Diagnostic, DiagnosticSeverity } from "../../diagnostics/diagnostic.ts";
import { docsOf } from "../../diagnostics/docs.ts";
import { renderGithub } from "../../diagnostics/github.ts";
import { renderSarif } from "../../diagnostics/sarif.ts";
import type { SourceText } from "../../diagnostics/source.ts";
import { renderText } from "../../diagnostics/text.ts";
import type { FixtureRoots } from "../../testing/load.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type Command, EXIT, formatFlag } from "../command.ts";
import { readDetections } from "../detections.ts";
import { fixtureNames } from "../fixture_names.ts";
import type { Io } from "../io.ts";
import { lockFindings } from "../lock_file.ts";
import { detectionPaths, DETECTIONS_FLAG } from "../options.ts";
import { VERSION } from "../version.ts";

/** Severities, the worst first. */
const SEVERITIES = ["error", "warning", "info"] as const satisfies readonly DiagnosticSeverity[];

/** What was found in the detections. */
interface Findings {
  readonly files: readonly LoadedFile[];
  /** Those of each file together, in the order of its lines; at last those of locks. */
  readonly diagnostics: readonly Diagnostic[];
  /** The texts of the locks. */
  readonly locks: readonly SourceText[];
}

const RENDERERS: Readonly<Record<string, (findings: Findings) => string>> = {
  text: asText,
  json: asJson,
  github: ({ diagnostics }) => diagnostics.map((one) => `${renderGithub(one)}\n`).join(""),
  sarif: ({ diagnostics }) => `${renderSarif(diagnostics, VERSION)}\n`,
};

/** `daemoneye lint`: every fault of detection files. */
export const lint: Command = {
  name: "lint",
  summary: "Check detection files: front-matter, SQL, types, hygiene. Every fault with its place.",
  usage: "[PATH…]",
  details:
    "PATH is a detection file, a folder of them, or a repository with detections/. Where there is a " +
    "permissions.lock.json\nat or above them, what they make hosts grant is held against it.",
  flags: {
    format: formatFlag(...Object.keys(RENDERERS).slice(1)),
    "fail-on": {
      value: "SEVERITY",
      description: "The mildest fault for which the exit status is 1",
      choices: SEVERITIES,
    },
    ...DETECTIONS_FLAG,
  },
  examples: [
    "daemoneye lint",
    "daemoneye lint detections/execution --fail-on warning",
    "daemoneye lint rule.sql --format json",
    "daemoneye lint --format sarif > lint.sarif",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const files = await readDetections(detectionPaths(args), io);
    const found = await findings(files, io);
    const { diagnostics } = found;
    io.out(RENDERERS[args.value("format")!]!(found));
    const failing = SEVERITIES.slice(
      0,
      SEVERITIES.findIndex((one) => one === args.value("fail-on")) + 1,
    );
    return diagnostics.some(({ severity }) => failing.includes(severity))
      ? EXIT.findings
      : EXIT.done;
  },
};

/** How many files are checked between two steps of progress; their fixtures are looked up side by side. */
const STEP = 32;

/** Runs the hygiene checks, asks the locks, and puts what they say to what compiling says. */
async function findings(files: readonly LoadedFile[], io: Io): Promise<Findings> {
  const locked = await lockFindings(files);
  const ofFile = Map.groupBy(locked.diagnostics, ({ file }) => file);
  const corpus: Corpus = { detections: files.flatMap(({ detection }) => detection ?? []) };
  const today = new Date().toISOString().slice(0, 10);
  const roots: FixtureRoots = new Map();
  const all: Diagnostic[] = [];
  for (let from = 0; from < files.length; from += STEP) {
    io.progress(`checking ${from + 1} of ${files.length}`);
    const part = files.slice(from, from + STEP);
    const names = await Promise.all(
      part.map(({ detection }) => detection ? fixtureNames(detection, roots) : []),
    );
    for (const [index, { source, detection, diagnostics }] of part.entries()) {
      const fixtures = names[index]!;
      const found = detection
        ? hygieneDiagnostics({ detection, catalogue: CATALOGUE, corpus, today, fixtures })
        : [];
      const wider = ofFile.get(source.file) ?? [];
      all.push(...[...diagnostics, ...found, ...wider].sort(byPlace));
    }
  }
  io.progress("");
  const locks = locked.sources.flatMap(({ file }) => (ofFile.get(file) ?? []).sort(byPlace));
  return { files, diagnostics: [...all, ...locks], locks: locked.sources };
}

function byPlace(left: Diagnostic, right: Diagnostic): number {
  return left.line - right.line || left.column - right.column;
}

function asJson({ files, diagnostics }: Findings): string {
  const shown = diagnostics.map((one) => ({ ...one, docs: docsOf(one.code) }));
  const result = {
    diagnostics: shown,
    files: files.length,
    errors: count(diagnostics, "error"),
    warnings: count(diagnostics, "warning"),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}

function asText({ files, diagnostics, locks }: Findings): string {
  const sources = new Map(
    [...files.map(({ source }) => source), ...locks].map((source) => [source.file, source]),
  );
  const parts = diagnostics.map((one) => `${renderText(one, sources.get(one.file))}\n\n`);
  return `${parts.join("")}${summary(files.length, diagnostics)}\n`;
}

function summary(files: number, diagnostics: readonly Diagnostic[]): string {
  const counts = ([
    ["error", brightRed, "error"],
    ["warning", yellow, "warning"],
    ["info", cyan, "note"],
  ] as const).flatMap(([severity, paint, noun]) => {
    const amount = count(diagnostics, severity);
    return amount > 0 ? [bold(paint(plural(amount, noun)))] : [];
  });
  const said = counts.length > 0 ? counts.join(", ") : bold(green("no faults"));
  const docs = counts.length > 0 ? "\nEach code is explained in docs/diagnostics.md." : "";
  return `${plural(files, "file")}: ${said}${docs}`;
}

function count(diagnostics: readonly Diagnostic[], severity: DiagnosticSeverity): number {
  return diagnostics.filter((one) => one.severity === severity).length;
}

function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
