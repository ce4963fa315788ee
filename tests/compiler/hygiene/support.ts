import { assertEquals } from "@std/assert";
import { hygieneDiagnostics } from "../../../compiler/hygiene/mod.ts";
import { compileText } from "../../../compiler/mod.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { hasErrors } from "../../../diagnostics/diagnostic.ts";
import type { Detection } from "../../../model/detection.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";

/** A detection that no check finds fault with. */
const DEFAULTS: Readonly<Record<string, string>> = {
  id: "00000000-0000-4000-8000-000000000001",
  title: "Program of a test",
  description: "What a test is about, in other words than the title.",
  status: "experimental",
  severity: "medium",
  platforms: "[linux]",
};
const SQL = "SELECT pid, process_key, name, cpu_usage FROM processes WHERE name = 'xmrig'";

/** A whole detection file made of a part of one. */
export interface Written {
  readonly text: string;
  /** How many lines stand before the first line of the part. */
  readonly offset: number;
}

/** Completes SQL, lines of front-matter, or lines of front-matter, `---` and SQL. */
export function complete(part: string): Written {
  const [first, second] = part.split("\n---\n");
  const isSql = second === undefined && !/^(?:[\w-]+:|#)/.test(first!);
  const front = isSql ? "" : `${first}\n`;
  const given = new Set([...front.matchAll(/^(\w+):/gm)].map((match) => match[1]!));
  // A stable detection cannot be read without.
  const stable = front.includes("status: stable") && !given.has("falsepositives");
  const defaults = Object.entries({
    ...DEFAULTS,
    ...(stable && { falsepositives: "[none known]" }),
  })
    .filter(([key]) => !given.has(key))
    .map(([key, value]) => `${key}: ${value}\n`);
  const head = `---\n${defaults.join("")}`;
  return {
    text: `${head}${front}---\n${isSql ? first : second ?? SQL}\n`,
    offset: head.split("\n").length - 1 + (isSql ? 1 : 0),
  };
}

/** What surrounds a detection that is checked. */
export interface Surroundings {
  readonly today?: string;
  readonly fixtures?: readonly string[];
  /** Detections that come before it. */
  readonly others?: readonly string[];
}

/** The parsed detection of a whole file, which must compile. */
export function parsed(text: string, file = "rule.sql"): Detection {
  const { detection, diagnostics } = compileText(text, file, CATALOGUE);
  assertEquals(hasErrors(diagnostics), false, `${text}\n${JSON.stringify(diagnostics, null, 1)}`);
  return detection!;
}

/** What the hygiene checks say of a whole file. */
export function hygiene(
  text: string,
  { today = "2026-11-22", fixtures, others = [] }: Surroundings = {},
): Diagnostic[] {
  const detection = parsed(text);
  const before = others.map((other, index) => parsed(other, `other_${index + 1}.sql`));
  return hygieneDiagnostics({
    detection,
    catalogue: CATALOGUE,
    corpus: { detections: [...before, detection] },
    today,
    ...(fixtures && { fixtures: fixtures.map((file) => ({ file, name: `case ${file}` })) }),
  });
}
