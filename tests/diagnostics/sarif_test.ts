import { assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import published from "./sarif-2.1.0.schema.json" with { type: "json" };
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { renderGithub } from "../../diagnostics/github.ts";
import { renderSarif } from "../../diagnostics/sarif.ts";
import { SourceText } from "../../diagnostics/source.ts";

// The published file names draft 04 as its own schema, but uses nothing that later drafts read differently.
const { $schema: _draft, id: _id, ...schema } = published;

const SOURCE = new SourceText("detections/a b/réglé.sql", "line one\nline two");
const FAULTS = [
  diagnostic(
    "unknown-table",
    SOURCE,
    { start: 9, end: 13 },
    "there is no table line",
    "use: a, b\nor 100%",
  ),
  diagnostic("sql-syntax", SOURCE, { start: 0, end: 12 }, "over two lines"),
];

Deno.test("renderSarif() is valid SARIF 2.1.0 by the published schema", () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
    schema,
  );
  for (const faults of [FAULTS, []]) {
    const log = JSON.parse(renderSarif(faults, "1.2.3"));
    assertEquals(validate(log), true, JSON.stringify(validate.errors, null, 2));
  }
  const broken = JSON.parse(renderSarif(FAULTS, "1.2.3"));
  delete broken.runs[0].results[0].message;
  assertEquals(validate(broken), false, "the schema is really applied");
});

Deno.test("renderSarif() points at the place and stays relative", () => {
  const [first] = JSON.parse(renderSarif(FAULTS, "1.2.3")).runs[0].results;
  assertEquals(first.locations[0].physicalLocation, {
    artifactLocation: { uri: "detections/a%20b/r%C3%A9gl%C3%A9.sql" },
    region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 },
  });
});

Deno.test("renderGithub() writes one command a fault, whatever the message holds", () => {
  assertEquals(
    renderGithub(FAULTS[0]!),
    "::error file=detections/a b/réglé.sql,line=2,endLine=2,col=1,endColumn=4,title=unknown-table" +
      "::there is no table line (use: a, b%0Aor 100%25)",
  );
  assertEquals(
    renderGithub(FAULTS[1]!),
    "::error file=detections/a b/réglé.sql,line=1,endLine=2,title=sql-syntax::over two lines",
  );
});
