/**
 * Looks at many files, beside find in the same run, and hashes some, beside openssl.
 *
 *     deno run -A bench/collectors/file_metadata.ts [FILES] [RUNS] [MEGABYTES]
 *
 * Makes so many files (10,000 by default) in folders of a hundred, then takes turns: `find -printf` with what it can tell;
 * the collector with the same columns; the collector with every column that a look at the inode tells. Then so many
 * megabytes (512 by default) in four files: `openssl dgst -sha256`, and the collector with their hashes, each time of
 * other contents, because it remembers them. Printed are the medians and the fastest runs, which is what to look at on a
 * busy machine, and what they are to find and to openssl. Looking means everything from the task to the last checked
 * batch here; the collector's process runs already.
 */
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { file_metadata } from "../../profiles/file_metadata.ts";
import { collectedColumns } from "../../schema/columns.ts";

const count = Number(Deno.args[0] ?? 10_000);
const runs = Number(Deno.args[1] ?? 9);
const megabytes = Number(Deno.args[2] ?? 512);

// deno-fmt-ignore
const FIND = { format: "%p\\0%s\\0%y\\0%m\\0%u\\0%g\\0%T@\\0%A@\\0%C@\\0%i\\0%n\\0%b\\0%D\\0%F\\0\\n", columns: [
  "file_path", "file_size", "file_type", "permissions", "owner_user", "owner_group", "modified_time", "accessed_time",
  "file_change_time", "inode", "hard_links", "blocks_allocated", "device_id", "filesystem_type"] };
const CHEAP = collectedColumns(file_metadata, "linux").filter(({ costly }) => !costly)
  .map(({ name }) => name);

function makeFiles(folder: string): void {
  for (let index = 0; index < count; index++) {
    const place = `${folder}/${Math.floor(index / 100)}`;
    if (index % 100 === 0) Deno.mkdirSync(place);
    Deno.writeTextFileSync(`${place}/file-${index}.txt`, `${index}`);
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program} failed`);
}

/** Collects files that match; how many there were. */
async function collect(
  collectors: Collectors,
  glob: string,
  project: readonly string[],
): Promise<number> {
  const keys = { column: "file_path", globs: [glob] };
  const task = { table: file_metadata.name, project, deadline: 120_000, keys };
  const batches = collectors.collect(task);
  let rows = 0;
  for (let next = await batches.next();; next = await batches.next()) {
    if (!next.done) rows += next.value.rows;
    else if (next.value.status !== "complete") throw new Error(next.value.reason);
    else return rows;
  }
}

const median = (times: readonly number[]) =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!;

const fastest = (times: readonly number[]) => Math.min(...times);

/** Takes turns, once without counting, and prints medians and fastest runs beside the first one's. */
async function compare(
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<void> {
  const times = Object.entries(contenders).map(([name, act]) => ({
    name,
    act,
    spent: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (const { act, spent } of times) {
      const time = await act();
      if (round > 0) spent.push(time);
    }
  }
  const first = times[0]!.spent;
  for (const { name, spent } of times) {
    const told = ([["median", median], ["fastest", fastest]] as const).map(([what, of]) =>
      `${what} ${of(spent).toFixed(1).padStart(7)} ms ${(of(spent) / of(first)).toFixed(2)} x`
    );
    console.log(`${name.padEnd(36)} ${told.join("   ")}`);
  }
}

const folder = Deno.makeTempDirSync();
try {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  Deno.mkdirSync(`${folder}/small`);
  makeFiles(`${folder}/small`);
  const look = (project: readonly string[]) => () =>
    timed(async () => {
      const rows = await collect(collectors, `${folder}/small/*`, project);
      if (rows < count) throw new Error(`${rows} rows`);
    });
  console.log(`${count} files in folders of 100, ${runs} runs`);
  await compare(runs, {
    "find -printf, 14 columns": () =>
      timed(() =>
        runProgram("find", [`${folder}/small`, "-mindepth", "1", "-printf", FIND.format])
      ),
    "file_metadata, the same columns": look(FIND.columns),
    [`file_metadata, ${CHEAP.length} columns`]: look(CHEAP),
  });

  Deno.mkdirSync(`${folder}/big`);
  const big = Array.from({ length: 4 }, (_, index) => `${folder}/big/${index}`);
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  for (const path of big) {
    using file = Deno.openSync(path, { write: true, create: true });
    for (let at = 0; at < megabytes * 4; at++) file.writeSync(block);
  }
  const touch = () => big.forEach((path) => Deno.utimeSync(path, new Date(), new Date()));
  console.log(`\n${megabytes} MB in 4 files, ${runs} runs`);
  await compare(runs, {
    "openssl dgst -sha256": () => timed(() => runProgram("openssl", ["dgst", "-sha256", ...big])),
    "file_metadata, sha256_hash": () => {
      touch();
      return timed(() => collect(collectors, `${folder}/big/*`, ["file_path", "sha256_hash"]));
    },
  });
} finally {
  Deno.removeSync(folder, { recursive: true });
}
