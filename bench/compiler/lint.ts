/**
 * Lints a repository of 1,000 detections, each with two fixtures, that it makes of the shipped ones by other ids, titles
 * and constants; prints how long the command takes and how long its parts take in a warm process. Run it with `deno task
 * bench:lint [DETECTIONS]`.
 *
 * @module
 */
import { basename, dirname, fromFileUrl, join } from "@std/path";
import { findDetections, loadDetections } from "../../compiler/files.ts";
import { hygieneDiagnostics } from "../../compiler/hygiene/mod.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

const ROOT = dirname(dirname(dirname(fromFileUrl(import.meta.url))));
const AMOUNT = Number(Deno.args[0] ?? 1_000);
const RUNS = 5;

/** The shipped detection with what makes it another one. */
function variant(text: string, index: number): string {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  const other = text.trimEnd()
    .replace(/^id: .*$/m, `id: ${id}`)
    .replace(/^title: (.*)$/m, `title: $1 ${index}`);
  return `${other}\nLIMIT ${100_000 + index}\n`;
}

async function writeRepository(folder: string): Promise<void> {
  const shipped = await Promise.all(
    (await findDetections([join(ROOT, "detections")])).map(async (file) => ({
      name: basename(file, ".sql"),
      text: await Deno.readTextFile(file),
    })),
  );
  await Deno.mkdir(join(folder, "detections"));
  for (let index = 0; index < AMOUNT; index++) {
    const { name, text } = shipped[index % shipped.length]!;
    const fixtures = join(folder, "fixtures", `${name}_${index}`);
    await Deno.mkdir(fixtures, { recursive: true });
    for (const one of ["fires", "silent"]) {
      await Deno.writeTextFile(join(fixtures, `${one}.yaml`), `case: ${one}\n`);
    }
    await Deno.writeTextFile(
      join(folder, "detections", `${name}_${index}.sql`),
      variant(text, index),
    );
  }
}

async function timed<T>(name: string, work: () => Promise<T> | T): Promise<readonly [T, number]> {
  const start = performance.now();
  const value = await work();
  const time = performance.now() - start;
  console.log(`${name}: ${time.toFixed(0)} ms`);
  return [value, time];
}

const folder = await Deno.makeTempDir();
try {
  await writeRepository(folder);
  let best = Infinity;
  for (let run = 1; run <= RUNS; run++) {
    const [{ code, stdout }, time] = await timed(
      `lint of ${AMOUNT} detections, the command`,
      () =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-q", "-P=check", "cli/main.ts", "lint", folder, "--format", "json"],
          cwd: ROOT,
          stderr: "inherit",
        }).output(),
    );
    const { files, errors, warnings } = JSON.parse(new TextDecoder().decode(stdout));
    console.log(`  exit ${code}, ${files} files, ${errors} errors, ${warnings} warnings`);
    best = Math.min(best, time);
  }
  console.log(`the best of ${RUNS}: ${best.toFixed(0)} ms`);
  const files = await findDetections([folder]);
  const [loaded] = await timed("reading and compiling", () => loadDetections(files, CATALOGUE));
  const corpus = { detections: loaded.flatMap(({ detection }) => detection ?? []) };
  await timed("hygiene", () => {
    for (const detection of corpus.detections) {
      hygieneDiagnostics({ detection, catalogue: CATALOGUE, corpus, today: "2026-11-22" });
    }
  });
} finally {
  await Deno.remove(folder, { recursive: true });
}
