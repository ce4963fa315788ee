import { assert, assertEquals } from "@std/assert";
import { HYGIENE_CHECKS } from "../../../compiler/hygiene/mod.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { complete, hygiene, type Surroundings } from "./support.ts";

/**
 * `cases/<code>.txt` shows parts of detections, two columns in, and below each line what is said of it, behind `#`. The
 * blocks are separated by `---8<---`. `# today: …` and `# fixtures: …` in a block set the scene; in files about
 * duplicates the blocks stand beside each other. `UPDATE=1 deno test -A tests/compiler/hygiene` writes what is said now.
 */
const FOLDER = new URL("./cases/", import.meta.url);
const SEPARATOR = "---8<---";

/** A part of a detection with what is said of it between its lines. */
function annotate(part: string, offset: number, diagnostics: readonly Diagnostic[]): string {
  const inside = (one: Diagnostic) => one.line > offset && one.line <= offset + lines.length;
  const lines = part.split("\n");
  const shown = lines.flatMap((line, index) => [
    line === "" ? "" : `  ${line}`,
    ...diagnostics.filter((one) => one.line === offset + index + 1).flatMap((one) => {
      const end = one.end_line === one.line ? one.end_column : line.length + 1;
      const indent = " ".repeat(one.column - 1);
      const marks = "^".repeat(Math.max(1, end - one.column));
      return [
        `# ${indent}${marks} ${one.severity} ${one.code}: ${one.message}`,
        ...(one.hint === undefined ? [] : [`# ${indent}  ${one.hint}`]),
      ];
    }),
  ]);
  assertEquals(diagnostics.filter((one) => !inside(one)), [], "everything said has a place");
  return [...shown, ...(diagnostics.length === 0 ? ["# fine"] : [])].join("\n");
}

/** The text that {@linkcode annotate} began with. */
function bare(block: string): string {
  return block.split("\n").filter((line) => !line.startsWith("#"))
    .map((line) => line.slice(2)).join("\n");
}

function surroundings(part: string): Surroundings {
  const today = /^# today: (.+)$/m.exec(part)?.[1];
  const fixtures = /^# fixtures:(.*)$/m.exec(part)?.[1]?.split(" ").filter((name) => name !== "");
  return { ...(today && { today }), ...(fixtures && { fixtures }) };
}

for (const { code } of HYGIENE_CHECKS) {
  Deno.test(`what is said of ${code}, and where`, () => {
    const path = new URL(`${code}.txt`, FOLDER);
    const written = Deno.readTextFileSync(path);
    const parts = written.trimEnd().split(`\n${SEPARATOR}\n`).map(bare);
    const all: Diagnostic[] = [];
    const said = parts.map((part, index) => {
      const { text, offset } = complete(part);
      const others = code.startsWith("duplicate")
        ? parts.slice(0, index).map((other, at) =>
          complete(other).text.replace("title: Program of a test", `title: Program ${at} of a test`)
        )
        : [];
      const found = hygiene(text, { ...surroundings(part), others });
      all.push(...found);
      return annotate(part, offset, found);
    });
    assert(all.some((one) => one.code === code), "a bad detection is shown");
    assert(said.some((block) => !block.includes(` ${code}: `)), "a good detection is shown");
    const text = said.join(`\n${SEPARATOR}\n`) + "\n";
    if (Deno.env.get("UPDATE")) Deno.writeTextFileSync(path, text);
    else assertEquals(text.split("\n"), written.split("\n"));
  });
}
