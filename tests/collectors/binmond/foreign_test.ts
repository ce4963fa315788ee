import { assert, assertEquals } from "@std/assert";
import { readProgram } from "../../../collectors/binmond/formats/program.ts";
import type { Program, ProgramSymbol } from "../../../collectors/binmond/formats/types.ts";
import { has, testWith } from "../support.ts";
import { openFile, output } from "./readelf.ts";

/**
 * Programs of other systems, as packages of npm carry them: what they are, and some of what they say. They are fetched
 * only with `BINARIES=all`.
 */
const FILES: readonly {
  readonly from: string;
  readonly file: string;
  readonly is: readonly [format: string, architecture: string, platform: string];
  readonly compiler: RegExp;
  readonly tool: RegExp;
}[] = [
  {
    from: "@rollup/rollup-win32-x64-msvc@4.30.0",
    file: "rollup.win32-x64-msvc.node",
    is: ["PE", "x86_64", "windows"],
    compiler: /^rustc \(90b35a623\); Microsoft Visual C\+\+ \(build \d+\)$/,
    tool: /^linker 14\.42$/,
  },
  {
    from: "@rollup/rollup-win32-arm64-msvc@4.30.0",
    file: "rollup.win32-arm64-msvc.node",
    is: ["PE", "aarch64", "windows"],
    compiler: /^rustc \(90b35a623\); Microsoft Visual C\+\+ \(build \d+\)$/,
    tool: /^linker 14\.42$/,
  },
  {
    from: "@esbuild/win32-ia32@0.25.0",
    file: "esbuild.exe",
    is: ["PE", "i386", "windows"],
    compiler: /^go1\.23\.5$/,
    tool: /^linker 3\.0$/,
  },
  {
    from: "@rollup/rollup-darwin-arm64@4.30.0",
    file: "rollup.darwin-arm64.node",
    is: ["Mach-O", "aarch64", "macos"],
    compiler: /^rustc \(90b35a623\)$/,
    tool: /^ld \d+\.\d+\.\d+$/,
  },
  {
    from: "@esbuild/darwin-x64@0.25.0",
    file: "bin/esbuild",
    is: ["Mach-O", "x86_64", "macos"],
    compiler: /^go1\.23\.5$/,
    tool: /^$/,
  },
  {
    from: "fsevents@2.3.3",
    file: "fsevents.node",
    is: ["Mach-O", "x86_64,aarch64", "macos"],
    compiler: /^$/,
    tool: /^ld \d+\.\d+\.\d+$/,
  },
];

/** Imports of a PE file as `llvm-readobj` lists them. */
function peImports(path: string): string[] {
  const found: string[] = [];
  let library = "";
  for (const line of output("llvm-readobj", "--coff-imports", path).split("\n")) {
    library = /^ +Name: (.*)$/.exec(line)?.[1] ?? library;
    const symbol = /^ +Symbol: (\S*) ?\((\d+)\)$/.exec(line);
    if (symbol) found.push(`${library} ${symbol[1] || symbol[2]}`);
  }
  return [...new Set(found)].sort();
}

function peExports(path: string): string[] {
  const text = output("llvm-readobj", "--coff-exports", path);
  return [...text.matchAll(/Ordinal: (\d+)\n +Name: (\S*)\n/g)]
    .map(([, ordinal, name]) => `${name} ${ordinal}`).sort();
}

/** Names that a Mach-O file binds, and those that it gives, as `llvm-objdump` lists them. */
function machoNames(path: string): { readonly bound: string[]; readonly given: string[] } {
  const text = output(
    "llvm-objdump",
    ..."--macho --arch=all --bind --lazy-bind --exports-trie".split(" "),
    path,
  );
  const names = (pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, name]) => name!.replace(/^_/, "")))].sort();
  return {
    bound: names(/^__\w+ .* (\S+?)(?: \(weak import\))?$/gm),
    given: names(/^0x[0-9A-F]+ +(\S+)/gm),
  };
}

function compare(path: string, program: Program): void {
  const symbols = [...program.symbols()];
  const names = (type: ProgramSymbol["type"]) =>
    [...new Set(symbols.filter((one) => one.type === type && one.name).map(({ name }) => name!))]
      .sort();
  if (program.format === "PE") {
    const imports = symbols.filter(({ type, name, ordinal }) =>
      type === "import" && (name ?? ordinal) !== undefined
    );
    assertEquals(
      [...new Set(imports.map(({ library, name, ordinal }) => `${library} ${name ?? ordinal}`))]
        .sort(),
      peImports(path),
    );
    assertEquals(
      symbols.filter(({ type }) => type === "export")
        .map(({ name, ordinal }) => `${name ?? ""} ${ordinal}`).sort(),
      peExports(path),
    );
    return;
  }
  const { bound, given } = machoNames(path);
  const imports = names("import");
  assertEquals(bound.filter((name) => !imports.includes(name)), []);
  // What is not bound stands in the table of symbols.
  const listed = output("llvm-nm", "--undefined-only", "--format=just-symbols", path);
  const undefinedNames = new Set(listed.split("\n").map((name) => name.replace(/^_/, "").trim()));
  assertEquals(
    imports.filter((name) => !bound.includes(name) && !undefinedNames.has(name)),
    [],
  );
  assertEquals(names("export"), given);
}

for (const { from, file, is, compiler, tool } of FILES) {
  const wanted = Deno.env.get("BINARIES") === "all";
  const needs = {
    "BINARIES=all": wanted,
    npm: !wanted || has("npm"),
    "llvm-readobj, llvm-objdump and llvm-nm": !wanted ||
      ["llvm-readobj", "llvm-objdump", "llvm-nm"].every(has),
  };
  testWith(needs, `readProgram() tells of ${from} what LLVM's tools tell`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const pack = new Deno.Command("npm", {
        args: ["pack", "--silent", from],
        cwd: folder,
        stderr: "null",
      }).outputSync();
      if (!pack.success) {
        console.log(`not checked: ${from} cannot be fetched`);
        return;
      }
      const archive = new TextDecoder().decode(pack.stdout).trim();
      assert(has("tar"));
      new Deno.Command("tar", { args: ["-xzf", archive], cwd: folder }).outputSync();
      const path = `${folder}/package/${file}`;
      using source = openFile(path);
      const program = readProgram(source);
      assertEquals([program.format, program.architecture, program.platform()], [...is]);
      assert(compiler.test(program.compiler() ?? ""), program.compiler());
      assert(tool.test(program.buildTool() ?? ""), program.buildTool());
      compare(path, program);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
