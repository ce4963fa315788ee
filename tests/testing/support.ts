import { assert } from "@std/assert";
import { compileText } from "../../compiler/mod.ts";
import { renderText } from "../../diagnostics/text.ts";
import { SourceText } from "../../diagnostics/source.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type FixtureCase, parseFixture } from "../../testing/fixture.ts";

/** Compiles a detection whose front-matter has what every one needs, and some lines more. */
export function detectionOf(sql: string, more = ""): CompiledDetection {
  const text = `---
id: 00000000-0000-4000-8000-000000000001
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
${more}
---
${sql}
`;
  const { compiled, diagnostics } = compileText(text, "detections/test.sql", CATALOGUE);
  const source = new SourceText("detections/test.sql", text);
  assert(compiled, diagnostics.map((one) => renderText(one, source)).join("\n"));
  return compiled;
}

/** Reads a fixture; `case` may be left out. */
export function fixtureOf(yaml: string): FixtureCase {
  const text = yaml.includes("case:") ? yaml : `case: a case\n${yaml}`;
  const { fixture, diagnostics } = parseFixture(text, "fixtures/test/case.yaml", CATALOGUE);
  assert(fixture, Deno.inspect(diagnostics));
  return fixture;
}
