import type { CaseResult } from "./run.ts";

/** A case with how long it took, ms. */
export type TimedResult = CaseResult & { readonly duration_ms?: number };

/**
 * Results as JUnit's XML, valid against the schema of Jenkins' xUnit plugin (junit-10.xsd), which other CI servers read
 * as well: a suite for each detection, a case for each fixture. What could not be played at all is an error, and a
 * detection without fixtures a case that was skipped: neither looks like a success.
 *
 * @param untested names of detections without fixtures
 */
export function junit(results: readonly TimedResult[], untested: readonly string[] = []): string {
  const suites = [
    ...[...Map.groupBy(results, ({ detection }) => detection)].map(([name, cases]) =>
      element("testsuite", { name, ...totals(cases), skipped: "0" }, cases.map(testCase).join(""))
    ),
    ...untested.map((name) =>
      element("testsuite", { name, ...totals([]), tests: "1", skipped: "1" }, skippedCase(name))
    ),
  ];
  const { tests, ...others } = totals(results);
  const whole = { tests: String(Number(tests) + untested.length), ...others };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", whole, suites.join(""))}`;
}

function totals(results: readonly TimedResult[]) {
  const duration = results.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0);
  const failed = results.filter(({ passed }) => !passed);
  const errors = failed.filter(({ unplayable }) => unplayable).length;
  return {
    tests: String(results.length),
    failures: String(failed.length - errors),
    errors: String(errors),
    time: seconds(duration),
  };
}

function testCase(result: TimedResult): string {
  const { detection, case: name, file, passed, unplayable, diff, duration_ms = 0 } = result;
  const failure = passed ? "" : element(
    unplayable ? "error" : "failure",
    { message: diff[0]?.split("\n")[0] ?? "failed", type: unplayable ? "unplayable" : "different" },
    escape([file, ...diff].join("\n")),
  );
  return element("testcase", { classname: detection, name, time: seconds(duration_ms) }, failure);
}

function skippedCase(detection: string): string {
  const skipped = element("skipped", { message: "the detection has no fixtures" }, "");
  return element(
    "testcase",
    { classname: detection, name: "has fixtures", time: "0.000" },
    skipped,
  );
}

function seconds(duration_ms: number): string {
  return (duration_ms / 1000).toFixed(3);
}

function element(name: string, attributes: Record<string, string>, content: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  return content === ""
    ? `<${name}${given.join("")}/>\n`
    : `<${name}${given.join("")}>${content.startsWith("<") ? "\n" : ""}${content}</${name}>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** Text within XML. What XML 1.0 has no character for stands as a replacement character: rows are host data. */
function escape(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex -- these are the characters that XML refuses
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\r]/g, (character) => ENTITIES[character]!);
}

/** Text of an attribute, in which a parser would take a line break for a space. */
function attribute(text: string): string {
  return escape(text).replace(/[\n\t]/g, (character) => ENTITIES[character]!);
}
