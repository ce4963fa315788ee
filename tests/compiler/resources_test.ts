import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { loadDetections } from "../../compiler/files.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

const DETECTION = `---
id: 3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11
title: A rule matches
description: A program file that a rule matches.
status: test
severity: high
platforms: [linux]
resources:
  yara: [rules/miner.yar]
---
SELECT y.rule_name FROM processes p JOIN yara_matches y ON y.pid = p.pid
`;

async function load(folder: string, text = DETECTION) {
  const file = join(folder, "miner.sql");
  await Deno.writeTextFile(file, text);
  return (await loadDetections([file], CATALOGUE))[0]!;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "rules"));
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadDetections() reads the files that a detection names, and its digest is of them, too", () =>
  withFolder(async (folder) => {
    const rule = join(folder, "rules/miner.yar");
    await Deno.writeTextFile(rule, "rule a { condition: true }");
    const { compiled, diagnostics } = await load(folder);
    assert(compiled, Deno.inspect(diagnostics));
    assertEquals(compiled.resources, {
      yara: [{ name: "rules/miner.yar", text: "rule a { condition: true }" }],
      indicators: [],
    });
    await Deno.writeTextFile(rule, "rule b { condition: true }");
    assertNotEquals((await load(folder)).compiled?.digest, compiled.digest);
  }));

Deno.test("loadDetections() says where a file is named that cannot be read", () =>
  withFolder(async (folder) => {
    const missing = await load(folder);
    assertEquals(missing.compiled, null);
    assertEquals(missing.diagnostics.map(({ code, line, column }) => [code, line, column]), [
      ["unreadable-file", 9, 10],
    ]);
    await Deno.symlink("/etc/hostname", join(folder, "rules/miner.yar"));
    const { diagnostics } = await load(folder);
    assertEquals(diagnostics.map(({ message }) => message), [
      "rules/miner.yar cannot be read: it is no regular file",
    ]);
  }));

Deno.test("loadDetections() refuses a table of what resources find without any", () =>
  withFolder(async (folder) => {
    const bare = DETECTION.replace(/resources:\n.*\n/, "");
    const { compiled, diagnostics } = await load(folder, bare);
    assertEquals(compiled, null);
    assertEquals(diagnostics.map(({ code, line, message }) => [code, line, message]), [[
      "missing-key",
      9,
      "`yara_matches` shows what the files under `resources.yara` find, and there are none",
    ]]);
  }));

Deno.test("loadDetections() says what is wrong with YARA rules at the line of the rule file", () =>
  withFolder(async (folder) => {
    const rule = join(folder, "rules/miner.yar");
    const broken = {
      "rule a {\n  condition: foo\n}\nrule b {\n  condition: bar\n}\n": [
        ["invalid-yara", 2, 3, 'undefined identifier "foo"'],
        ["invalid-yara", 5, 3, 'undefined identifier "bar"'],
      ],
      'include "/etc/passwd"\nrule a { condition: true }': [
        ["invalid-yara", 1, 1, "can't open include file: /etc/passwd"],
      ],
      "rule a { condition: true }\n\0": [["invalid-yara", 2, 1, "a NUL stands here"]],
      "rule a {\n  condition:": [["invalid-yara", 1, 1, "syntax error"]],
      'import "magic"\n': [["invalid-yara", 1, 1, 'unknown module "magic"']],
    };
    for (const [text, faults] of Object.entries(broken)) {
      await Deno.writeTextFile(rule, text);
      const { compiled, diagnostics } = await load(folder);
      assertEquals(compiled, null);
      assertEquals(
        diagnostics.map(({ code, line, column, message }) => [code, line, column, message]),
        faults,
      );
      assertEquals(new Set(diagnostics.map(({ file }) => file)), new Set([rule]));
    }
  }));

Deno.test("loadDetections() passes on what YARA warns of, and takes the rules", () =>
  withFolder(async (folder) => {
    const text = 'rule a {\n  strings:\n    $a = "x"\n  condition: $a\n}';
    await Deno.writeTextFile(join(folder, "rules/miner.yar"), text);
    const { compiled, diagnostics } = await load(folder);
    assert(compiled);
    assertEquals(diagnostics.map(({ code, line }) => [code, line]), [["yara-warning", 3]]);
  }));

Deno.test("loadDetections() does not run the rules that it compiles", () =>
  withFolder(async (folder) => {
    const text = "rule a { condition: for all i in (1..99999999999999): ( i > 0 ) } /* open";
    await Deno.writeTextFile(join(folder, "rules/miner.yar"), text);
    assert((await load(folder)).compiled);
  }));
