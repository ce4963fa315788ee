import { assertEquals } from "@std/assert";
import { compileText } from "../../../compiler/mod.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { cpuTime } from "../support/cpu.ts";
import { FRONT_MATTER } from "./front_matter.ts";

/** ms of processor time for one file in the compiler. */
const PATIENCE = 1_000;

function file(yaml: string): string {
  return `---
id: 3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11
title: A process
description: That does something.
status: test
severity: high
platforms: [linux]
${yaml}
---
SELECT pid, name, start_time FROM processes
`;
}

Deno.test("every hostile front-matter is refused by its own diagnostic, or does no harm", () => {
  const surprises = FRONT_MATTER.flatMap(({ name, yaml, expect }) => {
    const start = cpuTime();
    const { compiled, diagnostics } = compileText(file(yaml), "detection.sql", CATALOGUE);
    const took = cpuTime() - start;
    const became = took > PATIENCE
      ? `${Math.round(took)} ms`
      : compiled
      ? "harmless"
      : diagnostics.find(({ severity }) => severity === "error")?.code ?? "nothing is said";
    return became === expect ? [] : [`${name}: ${became}, not ${expect}`];
  });
  assertEquals(surprises, []);
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("the parameters of exceptions are among those of the detection", () => {
  const yaml = "exceptions: [{ id: a, reason: r, when: 'start_time < :now - 1000' }]";
  const { compiled } = compileText(file(yaml), "detection.sql", CATALOGUE);
  assertEquals(compiled?.parameters, ["now"]);
});
