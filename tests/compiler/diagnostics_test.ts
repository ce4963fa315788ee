import { assertEquals } from "@std/assert";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { compileQuery, compileText } from "../../compiler/mod.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

/**
 * `diagnostics/*.txt` show SQL, or whole detection files, two columns in, and below each line what is said of it, behind
 * `#`. Blocks are separated by `---8<---`. `UPDATE=1 deno test -A tests/compiler` writes what is said now.
 */
const FOLDER = new URL("./diagnostics/", import.meta.url);
const SEPARATOR = "---8<---";

type Compile = (text: string) => readonly Diagnostic[];

const query: Compile = (sql) =>
  compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" }).diagnostics;
const file: Compile = (text) => compileText(text, "detection.sql", CATALOGUE).diagnostics;

/** The text with what is said of it between its lines. */
function annotate(text: string, diagnostics: readonly Diagnostic[]): string {
  const lines = text.split("\n").flatMap((line, index) => [
    line === "" ? "" : `  ${line}`,
    ...diagnostics.filter((one) => one.line === index + 1).flatMap((one) => {
      const end = one.end_line === one.line ? one.end_column : line.length + 1;
      const indent = " ".repeat(one.column - 1);
      const marks = "^".repeat(Math.max(1, end - one.column));
      const said = `# ${indent}${marks} ${one.severity} ${one.code}: ${one.message}`;
      return one.hint === undefined ? [said] : [said, `# ${indent}  ${one.hint}`];
    }),
  ]);
  if (diagnostics.length === 0) lines.push("# fine");
  // A fresh id is another one each time.
  return lines.join("\n").replace(/fresh one: [0-9a-f-]{36}/g, "fresh one: …");
}

/** The text that {@linkcode annotate} began with. */
function bare(block: string): string {
  return block.split("\n").filter((line) => !line.startsWith("#"))
    .map((line) => line.slice(2)).join("\n");
}

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  Deno.test(`what is said of ${name.replace(".txt", "").replaceAll("_", " ")}`, () => {
    const path = new URL(name, FOLDER);
    const written = Deno.readTextFileSync(path);
    const compile = name.startsWith("file_") ? file : query;
    const blocks = written.trimEnd().split(`\n${SEPARATOR}\n`).map(bare);
    const said = blocks.map((block) => annotate(block, compile(block)))
      .join(`\n${SEPARATOR}\n`) + "\n";
    if (Deno.env.get("UPDATE")) Deno.writeTextFileSync(path, said);
    else assertEquals(said.split("\n"), written.split("\n"));
  });
}
