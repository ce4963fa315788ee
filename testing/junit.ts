import type { CaseResult } from "./run.ts";

/** A case with how long it took, ms. */
export type TimedResult = CaseResult & { readonly duration_ms?: number };

/**
 * Results as JUnit's XML, as CI servers read it: a suite for each detection, a case for each fixture
 * (https://github.com/testmoapp/junitxml).
 */
export function junit(results: readonly TimedResult[]): string {
  const suites = [...Map.groupBy(results, ({ detection }) => detection)].map(([name, cases]) =>
    element("testsuite", { name, ...totals(cases) }, cases.map(testCase).join(""))
  );
  const whole = element("testsuites", totals(results), suites.join(""));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${whole}`;
}

function totals(results: readonly TimedResult[]): Record<string, string> {
  const duration = results.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0);
  return {
    tests: String(results.length),
    failures: String(results.filter(({ passed }) => !passed).length),
    time: (duration / 1000).toFixed(3),
  };
}

function testCase(result: TimedResult): string {
  const { detection, case: name, file, passed, diff, duration_ms = 0 } = result;
  const time = (duration_ms / 1000).toFixed(3);
  const failure = passed
    ? ""
    : element("failure", { message: diff[0] ?? "failed" }, escape(diff.join("\n")));
  return element("testcase", { classname: detection, name, file, time }, failure);
}

function element(name: string, attributes: Record<string, string>, content: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
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
    .replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character]!);
}
