import { assertEquals, assertStringIncludes } from "@std/assert";
import { junit, type TimedResult } from "../../testing/junit.ts";

const passing: TimedResult = {
  detection: "a",
  case: "it fires",
  file: "fixtures/a/fires.yaml",
  passed: true,
  verdict: "match",
  diff: [],
  duration_ms: 12,
};

Deno.test("junit() makes a suite of each detection and tells failures, errors and skips apart", () => {
  const failing = {
    ...passing,
    case: "silent",
    passed: false,
    diff: ["line 4: no alert with { pid: 1 }\n  nearest row: { pid: 1 }", "and more"],
    duration_ms: 1500,
  };
  const broken = {
    ...failing,
    detection: "b",
    case: "fixtures/b/x.yaml",
    file: "fixtures/b/x.yaml",
    unplayable: true as const,
    diff: ["fixtures/b/x.yaml:1:1: it is no mapping"],
    duration_ms: 0,
  };
  assertEquals(
    junit([passing, failing, broken], ["c"]),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1" time="1.512">
<testsuite name="a" tests="2" failures="1" errors="0" time="1.512" skipped="0">
<testcase classname="a" name="it fires" time="0.012"/>
<testcase classname="a" name="silent" time="1.500">
<failure message="line 4: no alert with { pid: 1 }" type="different">fixtures/a/fires.yaml
line 4: no alert with { pid: 1 }
  nearest row: { pid: 1 }
and more</failure>
</testcase>
</testsuite>
<testsuite name="b" tests="1" failures="0" errors="1" time="0.000" skipped="0">
<testcase classname="b" name="fixtures/b/x.yaml" time="0.000">
<error message="fixtures/b/x.yaml:1:1: it is no mapping" type="unplayable">fixtures/b/x.yaml
fixtures/b/x.yaml:1:1: it is no mapping</error>
</testcase>
</testsuite>
<testsuite name="c" tests="1" failures="0" errors="0" time="0.000" skipped="1">
<testcase classname="c" name="has fixtures" time="0.000">
<skipped message="the detection has no fixtures"/>
</testcase>
</testsuite>
</testsuites>
`,
  );
});

Deno.test("junit() writes nothing that XML has no character for, whatever a host calls its programs", () => {
  const hostile = "a\u0000\u001b[31m<b>&\"'\ud800\uffff\n\t]]>";
  const text = junit([{ ...passing, case: hostile, passed: false, diff: [hostile] }]);
  assertStringIncludes(
    text,
    'name="a\ufffd\ufffd[31m&lt;b&gt;&amp;&quot;\'\ufffd\ufffd&#10;&#9;]]&gt;"',
  );
  assertStringIncludes(
    text,
    "a\ufffd\ufffd[31m&lt;b&gt;&amp;&quot;'\ufffd\ufffd\n\t]]&gt;</failure>",
  );
});
