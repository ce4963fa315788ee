import { assert, assertEquals } from "@std/assert";
import { readProgram } from "../../../collectors/binmond/formats/program.ts";
import { sourceOf } from "../../../collectors/binmond/formats/source.ts";
import type { ProgramSymbol } from "../../../collectors/binmond/formats/types.ts";
import { has, testWith } from "../support.ts";
import { elfFiles, sample } from "../programs.ts";
import { type Listed, listed, openFile } from "./readelf.ts";

const needs = { readelf: has("readelf"), find: has("find") };

/** How many files are compared; all with `BINARIES=all`. */
const SAMPLE = 60;
const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/local"];

/** Processors as `readelf` calls them. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  "Advanced Micro Devices X86-64": "x86_64",
  "AArch64": "aarch64",
  "Intel 80386": "i386",
  "ARM": "arm",
  "RISC-V": "riscv64",
  "Linux BPF": "bpf",
};

/** What is wrong with a file's symbols, beside those that `readelf` lists. */
function differences(symbols: readonly ProgramSymbol[], known: Listed): string[] {
  const faults: string[] = [];
  const seen = known.symbols.filter(({ binding }) => binding !== "LOCAL");
  const imports = new Set(
    seen.filter(({ section, type }) => section === "UND" && type !== "SECTION" && type !== "FILE")
      .map(({ name, version }) => `${name} ${version === undefined ? "" : "versioned"}`),
  );
  const visible = seen.filter(({ section, visibility }) =>
    section !== "UND" && visibility !== "HIDDEN" && visibility !== "INTERNAL"
  );
  const exports = new Map<string, Set<string>>();
  for (const { name, address, isDefault } of visible) {
    const addresses = exports.get(name) ?? new Set();
    exports.set(name, isDefault ? addresses.add(address) : addresses);
  }
  const functions = new Set(
    visible.filter(({ type }) => type === "FUNC" || type === "IFUNC").map(({ name }) => name),
  );
  const single = known.needed.length === 1;
  for (const { type, name, library, address } of symbols) {
    if (type === "export") {
      functions.delete(name!);
      const addresses = exports.get(name!);
      if (!addresses) faults.push(`exports ${name}, which is not there`);
      else if (addresses.size && !addresses.has(address!)) faults.push(`${name} is at ${address}`);
    } else if (name === undefined) {
      if (!known.needed.includes(library!)) faults.push(`does not need ${library}`);
    } else {
      const versioned = imports.has(`${name} versioned`);
      if (!versioned && !imports.has(`${name} `)) faults.push(`does not import ${name}`);
      if (versioned) {
        const versions = seen.filter((one) => one.name === name).map(({ version }) => version!);
        const libraries = versions.flatMap((version) => known.versions.get(version) ?? []);
        if (!libraries.includes(library!)) faults.push(`${name} is not of ${library}`);
      } else if (library !== undefined && !single) faults.push(`${name} is of no library`);
      imports.delete(`${name} versioned`);
      imports.delete(`${name} `);
    }
  }
  for (const name of imports) faults.push(`imports ${name}, which was not told`);
  for (const name of functions) faults.push(`exports ${name}, which was not told`);
  const libraries = new Set(symbols.map(({ library }) => library));
  for (const name of known.needed) {
    if (!libraries.has(name)) faults.push(`needs ${name}, which was not told`);
  }
  return faults;
}

testWith(needs, "readProgram() tells of the machine's ELF files what readelf tells", () => {
  const all = elfFiles(FOLDERS);
  const faults: string[] = [];
  let compared = 0;
  let imports = 0;
  for (const path of sample(all, SAMPLE)) {
    const known = listed(path);
    if (!known) continue;
    using source = openFile(path);
    const program = readProgram(source);
    const fault = (text: string) => void faults.push(`${path}: ${text}`);
    compared++;
    if (program.format !== "ELF") fault(program.format);
    const architecture = ARCHITECTURES[known.architecture];
    if (architecture && program.architecture !== architecture) fault(`${program.architecture}`);
    const counts = program.counts();
    if (counts?.sections !== Math.max(0, known.sections - 1)) fault(`${counts?.sections} sections`);
    if (counts?.libraries !== known.needed.length) fault(`${counts?.libraries} libraries`);
    const compiler = program.compiler() ?? "";
    const compilers = known.comments.filter((text) => !/^(Linker: |mold )/.test(text));
    if (!/\bgo1|devel/.test(compiler)) {
      for (const text of compilers.slice(0, 10)) {
        if (!compiler.includes(text.slice(0, 100))) fault(`compiler ${compiler}`);
      }
    }
    if (known.type.startsWith("REL")) continue;
    const symbols = [...program.symbols()];
    imports += symbols.filter(({ type }) => type === "import").length;
    for (const text of differences(symbols, known)) fault(text);
  }
  console.log(`${compared} files compared, ${imports} imports`);
  assertEquals(faults.slice(0, 20), []);
  assert(compared > Math.min(all.length, SAMPLE) / 2 && imports > 0);
});

testWith(needs, "readProgram() finds the same symbols without the table of sections", () => {
  const step = Deno.env.get("BINARIES") === "all" ? 10 : 100;
  let compared = 0;
  for (const path of elfFiles(["/usr/bin", "/usr/lib"]).filter((_, index) => index % step === 0)) {
    const bytes = Deno.readFileSync(path);
    // Of 64 bits, little end first, and not one that linkers have yet to read.
    if (bytes[4] !== 2 || bytes[5] !== 1 || bytes[16] === 1 || bytes.length > 2 ** 24) continue;
    const whole = [...readProgram(sourceOf(bytes)).symbols()];
    const view = new DataView(bytes.buffer);
    view.setBigUint64(40, 0n, true);
    view.setUint16(60, 0, true);
    assertEquals([...readProgram(sourceOf(bytes)).symbols()], whole, path);
    if (whole.length) compared++;
  }
  assert(compared > 3);
});
