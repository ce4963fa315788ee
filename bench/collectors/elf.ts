/**
 * Reads ELF files, beside readelf in the same run.
 *
 *     deno task bench:elf [FILES] [RUNS]
 *
 * Takes so many programs and libraries of this machine (300 by default), evenly among all, and takes turns: `readelf -Ws`
 * of all of them at once, its output thrown away; the same symbols read here in this process; then, through a confined
 * collector with everything from the task to the last checked batch, `imports_exports` and `binary_analysis` by path, cold
 * and once more from its memory, and `sha256sum` and `md5sum`, which read the same bytes. Printed are the medians and what
 * they are to readelf. The files are read once before, so that no disk is measured.
 */
import { readProgram } from "../../collectors/binmond/formats/program.ts";
import { collectKeys, openHere } from "../../tests/collectors/binmond/live.ts";
import { openFile } from "../../tests/collectors/binmond/readelf.ts";
import { elfFiles } from "../../tests/collectors/programs.ts";

const count = Number(Deno.args[0] ?? 300);
const runs = Number(Deno.args[1] ?? 5);

const all = elfFiles(["/usr/bin", "/usr/sbin", "/usr/lib"]);
const step = Math.max(1, all.length / count);
const files = Array.from(
  { length: Math.min(count, all.length) },
  (_, index) => all[Math.floor(index * step)]!,
);

function runProgram(program: string, ...args: string[]): void {
  new Deno.Command(program, { args: [...args, ...files], stdout: "null", stderr: "null" })
    .outputSync();
}

function readHere(): number {
  let symbols = 0;
  for (const path of files) {
    using source = openFile(path);
    for (const _ of readProgram(source).symbols()) symbols++;
  }
  return symbols;
}

const times = new Map<string, number[]>();

async function time(name: string, work: () => unknown): Promise<void> {
  const started = performance.now();
  await work();
  const list = times.get(name) ?? [];
  list.push(performance.now() - started);
  times.set(name, list);
}

const keys = { column: "file_path", values: files };
const bytes = files.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
runProgram("sha256sum");
console.log(
  `${files.length} files, ${Math.round(bytes / 2 ** 20)} MB, ${readHere()} imports and exports`,
);
for (let run = 0; run < runs; run++) {
  await time("readelf -Ws", () => runProgram("readelf", "-Ws"));
  await time("the same symbols, here", readHere);
  await time("sha256sum, then md5sum", () => {
    runProgram("sha256sum");
    runProgram("md5sum");
  });
  for (const table of ["imports_exports", "binary_analysis"] as const) {
    await using collectors = await openHere();
    await collectKeys(collectors, table, { column: "file_path", values: ["/nonexistent"] });
    await time(`${table}, cold`, () => collectKeys(collectors, table, keys));
    await time(`${table}, again`, () => collectKeys(collectors, table, keys));
  }
}

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
const base = median(times.get("readelf -Ws")!);
for (const [name, list] of times) {
  const ms = median(list);
  console.log(
    `${name.padEnd(26)} ${ms.toFixed(0).padStart(7)} ms  ${(ms / base).toFixed(2)} of readelf`,
  );
}
