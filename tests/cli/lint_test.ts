import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Ajv } from "ajv";
import { lint } from "../../cli/commands/lint.ts";
import published from "../diagnostics/sarif-2.1.0.schema.json" with { type: "json" };
import { ran, repository } from "./repository.ts";
import { ROOT, runCli } from "./run_cli.ts";

const FRONT = `---
id: 5a2f1c3e-8b7d-4e6f-9a01-2b3c4d5e6f70
title: Program run from shared memory
description: Software is not installed in /dev/shm.
status: experimental
severity: medium
platforms: [linux]
`;
const SQL =
  "SELECT pid, process_key, name FROM processes WHERE executable_path GLOB '/dev/shm/*'\n";

/** What `lint` prints, with the folder's own path left out, and how it ends. */
async function linted(folder: string, ...words: string[]) {
  const { code, out, steps } = await ran(lint, [folder, ...words]);
  return { code, out: out.replaceAll(`${folder}/`, ""), steps };
}

const CASES = { "fires.yaml": "case: it fires\n", "silent.yaml": "case: it is silent\n" };

/** Fixtures of a detection; `lint` only looks at their names. */
function fixtures(name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(CASES).map(([file, text]) => [`fixtures/${name}/${file}`, text]),
  );
}

const FAULTY = {
  "detections/a.sql":
    `${FRONT}exceptions: [{ id: x, when: name = 'y', reason: z, expires: 2020-01-01 }]
---
SELECT * FROM processes WHERE name = 'x'
`,
  "detections/b.sql": `${FRONT.replace("6f70", "6f71").replace("memory", "memory by b")}---
SELECT pid, nam FROM processes WHERE pid = 'x'
`,
};

Deno.test("lint shows every fault of every file at its line, and what it found in all", async () => {
  await using folder = await repository({ ...FAULTY, ...fixtures("b") });
  const { code, out } = await linted(folder.path);
  assertEquals(code, 1);
  const expected = `warning[missing-fixtures]: the detection has no fixtures
 --> detections/a.sql:5:9
  |
5 | status: experimental
  |         ^^^^^^^^^^^^
  = hint: add a case that fires and one that is silent in fixtures/a/

error[exception-fixture]: the exception \`x\` has no \`fixture\`
 --> detections/a.sql:8:20
  |
8 | exceptions: [{ id: x, when: name = 'y', reason: z, expires: 2020-01-01 }]
  |                    ^
  = hint: name the fixture case that shows what it leaves out

error[expired-exception]: the exception \`x\` expired on 2020-01-01
 --> detections/a.sql:8:61
  |
8 | exceptions: [{ id: x, when: name = 'y', reason: z, expires: 2020-01-01 }]
  |                                                             ^^^^^^^^^^
  = hint: remove it, or agree on another date

warning[select-star]: \`*\` stands for every column of \`processes\`
  --> detections/a.sql:10:8
   |
10 | SELECT * FROM processes WHERE name = 'x'
   |        ^
   = hint: name the columns that are needed: pid, process_key, ppid, parent_key, …

error[unknown-column]: \`processes\` has no column \`nam\`
 --> detections/b.sql:9:13
  |
9 | SELECT pid, nam FROM processes WHERE pid = 'x'
  |             ^^^
  = hint: did you mean \`name\`?

error[type-mismatch]: \`pid\` is a number, \`'x'\` is text
 --> detections/b.sql:9:44
  |
9 | SELECT pid, nam FROM processes WHERE pid = 'x'
  |                                            ^^^

2 files: 4 errors, 2 warnings
Each code is explained in docs/diagnostics.md.
`;
  assertEquals(out.split("\n"), expected.split("\n"));
});

Deno.test("lint of a good repository says so and ends with 0", async () => {
  await using folder = await repository({
    "detections/a.sql": `${FRONT}---\n${SQL}`,
    ...fixtures("a"),
  });
  const { code, out, steps } = await linted(folder.path);
  assertEquals([code, out], [0, "1 file: no faults\n"]);
  assertEquals(steps.filter((step) => step !== ""), ["compiling 1 of 1", "checking 1 of 1"]);
  assertEquals(steps.at(-1), "", "the progress line is removed");
});

Deno.test("lint --fail-on chooses which faults fail", async () => {
  const statuses = async (front: string) => {
    await using folder = await repository({
      "detections/a.sql": `${front}---\n${SQL}`,
      ...fixtures("a"),
    });
    const codes: number[] = [];
    for (const severity of ["error", "warning", "info"]) {
      codes.push((await linted(folder.path, "--fail-on", severity)).code);
    }
    codes.push((await linted(folder.path)).code);
    return codes;
  };
  assertEquals(await statuses(FRONT), [0, 0, 0, 0]);
  assertEquals(await statuses(FRONT.replace("experimental", "test")), [0, 0, 1, 0]);
  assertEquals(await statuses(FRONT.replace("medium", "high")), [0, 1, 1, 0]);
  assertEquals(await statuses(FRONT.replace("medium", "hgh")), [1, 1, 1, 1]);
});

Deno.test("lint --format json has each fault with its place and where it is explained", async () => {
  await using folder = await repository({ ...FAULTY, ...fixtures("b") });
  const { code, out } = await linted(folder.path, "--format", "json");
  const { diagnostics, ...rest } = JSON.parse(out);
  assertEquals(code, 1);
  assertEquals(rest, { files: 2, errors: 4, warnings: 2 });
  assertEquals(diagnostics.length, 6);
  assertEquals(diagnostics[2], {
    code: "expired-exception",
    severity: "error",
    message: "the exception `x` expired on 2020-01-01",
    file: "detections/a.sql",
    line: 8,
    column: 61,
    end_line: 8,
    end_column: 71,
    hint: "remove it, or agree on another date",
    docs: "docs/diagnostics.md#expired-exception",
  });
});

Deno.test("lint --format github and sarif name the same faults", async () => {
  await using folder = await repository({ ...FAULTY, ...fixtures("b") });
  const github = (await linted(folder.path, "--format", "github")).out.trimEnd().split("\n");
  assertEquals(github.map((line) => /^::(\w+) .*title=([a-z-]+)::/.exec(line)?.slice(1)), [
    ["warning", "missing-fixtures"],
    ["error", "exception-fixture"],
    ["error", "expired-exception"],
    ["warning", "select-star"],
    ["error", "unknown-column"],
    ["error", "type-mismatch"],
  ]);
  const sarif = JSON.parse((await linted(folder.path, "--format", "sarif")).out);
  const { $schema: _draft, id: _id, ...schema } = published;
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false })
    .compile(schema);
  assertEquals(validate(sarif), true, JSON.stringify(validate.errors));
  assertEquals(sarif.runs[0].results.length, 6);
});

Deno.test("lint knows fixtures by the names of their files and of their cases", async () => {
  const exception = (name: string) =>
    `  - { id: ${name}, when: name = 'y', reason: z, fixture: ${name} }\n`;
  const tables = "tables: { processes: [] }\nexpect: { alerts: [] }\n";
  await using folder = await repository({
    "detections/a.sql": `${FRONT}exceptions:\n${
      ["fires", "it is silent", "elsewhere"]
        .map(exception).join("")
    }---\n${SQL}`,
    "fixtures/a/fires.yaml": `case: it fires\n${tables}`,
    "fixtures/a/silent.yml": `case: it is silent\n${tables}`,
    "fixtures/a/notes.txt": "not a case",
  });
  const { out } = await linted(folder.path, "--format", "json");
  assertEquals(
    JSON.parse(out).diagnostics.map(({ message }: { message: string }) => message),
    ["there is no fixture case `elsewhere`"],
  );
});

Deno.test("lint tells of detections with the same SQL and the same title", async () => {
  await using folder = await repository({
    "detections/a.sql": `${FRONT}---\n${SQL}`,
    "detections/b.sql": `${FRONT.replace("6f70", "6f71")}---\n-- again\n${SQL.toLowerCase()}`,
    ...fixtures("a"),
    ...fixtures("b"),
  });
  const { diagnostics } = JSON.parse((await linted(folder.path, "--format", "json")).out);
  assertEquals(
    diagnostics.map(({ code, file }: { code: string; file: string }) => `${file} ${code}`),
    ["detections/b.sql duplicate-title", "detections/b.sql duplicate-logic"],
  );
  for (const { message } of diagnostics) assertStringIncludes(message, "detections/a.sql");
});

Deno.test("lint as a program: the same result, nothing on standard error", async () => {
  await using folder = await repository({ ...FAULTY, ...fixtures("b") });
  const { code, stdout, stderr } = await runCli(["lint", folder.path]);
  assertEquals([code, stderr], [1, ""]);
  assertEquals(stdout.replaceAll(`${folder.path}/`, ""), (await linted(folder.path)).out);
});

Deno.test("the shipped detections have neither errors nor warnings", async () => {
  const { code, out } = await linted(join(ROOT, "detections"), "--fail-on", "warning");
  assertEquals(code, 0, out);
});

Deno.test("the settings in docs/editor.md are JSON, and the problem matcher reads what lint prints", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "editor.md"));
  const [tasks, schema, settings] = [...page.matchAll(/```json\n([^]*?)```/g)]
    .map(([, text]) => JSON.parse(text!));
  assert(schema.anyOf[0].$ref.endsWith("/front-matter.schema.json"));
  assertEquals(Object.keys(settings), ["yaml.schemas"]);
  assertMatch(tasks.tasks[0].command, / lint .*--no-color/);
  const patterns: { regexp: string; severity?: number; file?: number; line?: number }[] =
    tasks.tasks[0].problemMatcher.pattern;
  const [first, second] = patterns.map(({ regexp }) => new RegExp(regexp));

  await using folder = await repository({ ...FAULTY, ...fixtures("b") });
  const lines = (await linted(folder.path)).out.split("\n");
  const found = lines.flatMap((line, index) => {
    const head = first!.exec(line);
    const place = head && second!.exec(lines[index + 1]!);
    return place
      ? [[head[patterns[0]!.severity!], place[patterns[1]!.file!], place[patterns[1]!.line!]]]
      : [];
  });
  assertEquals(found, [
    ["warning", "detections/a.sql", "5"],
    ["error", "detections/a.sql", "8"],
    ["error", "detections/a.sql", "8"],
    ["warning", "detections/a.sql", "10"],
    ["error", "detections/b.sql", "9"],
    ["error", "detections/b.sql", "9"],
  ]);
});
