import { assert, assertEquals } from "@std/assert";
import type { Reading } from "../../../collectors/core/collector.ts";
import { watch } from "../../../collectors/fsmond/watch.ts";
import { isLinux, testWith } from "../support.ts";

const PROJECT = [
  "event_type",
  "file_path",
  "file_size",
  "process_pid",
  "process_key",
  "file_flags",
];

/** Watches a folder as any user may, while something is done to it, until there is such an event. */
async function watching(
  folder: string,
  paths: readonly string[],
  act: () => void | Promise<void>,
  last: (type: unknown, path: string) => boolean,
): Promise<
  { readonly told: readonly string[]; readonly readings: Reading[]; readonly lost: string[] }
> {
  const aborter = new AbortController();
  const readings: Reading[] = [];
  const lost: string[] = [];
  const events = watch({ project: PROJECT }, {
    procRoot: "/proc",
    deadline: Infinity,
    reconcileEvery: Infinity,
    paths,
    signal: aborter.signal,
    dropped: (_, reason) => lost.push(reason),
  });
  const late = setTimeout(() => aborter.abort(), 30_000);
  const first = events.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await act();
  for (let next = await first; !next.done; next = await events.next()) {
    readings.push(next.value);
    const { event_type, file_path } = next.value.row;
    if (last(event_type, String(file_path))) break;
  }
  clearTimeout(late);
  await events.return();
  const told = readings.map(({ row }) =>
    `${row.event_type} ${String(row.file_path).slice(folder.length + 1)}`
  );
  return { told, readings, lost };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
const isEnd = (_: unknown, path: string) => path.endsWith("/end");

testWith({ Linux: isLinux }, "without root files are told of, and nobody who did it", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const { told, readings, lost } = await watching(folder, [folder], async () => {
    Deno.writeTextFileSync(`${folder}/x`, "abc");
    Deno.writeTextFileSync(`${folder}/x`, "abcd", { append: true });
    await pause();
    Deno.chmodSync(`${folder}/x`, 0o4755);
    await pause();
    Deno.renameSync(`${folder}/x`, `${folder}/y`);
    await pause();
    Deno.removeSync(`${folder}/y`);
    await pause();
    Deno.writeTextFileSync(`${folder}/end`, "");
  }, isEnd);
  assertEquals(told.slice(0, 5), ["create x", "modify x", "attrib x", "move y", "delete y"]);
  const [created, , , moved] = readings;
  assertEquals(created!.row.file_size, 7);
  assertEquals(JSON.parse(moved!.row.platform_data as string), { old_path: `${folder}/x` });
  for (const { row, gaps } of readings.slice(0, 4)) {
    assertEquals([row.process_pid, row.process_key], [undefined, undefined]);
    assertEquals(gaps, {
      process_pid: "not_collected",
      process_key: "not_collected",
      file_flags: "not_collected",
    });
  }
  assertEquals(lost, []);
  await Deno.remove(folder, { recursive: true });
});

testWith({ Linux: isLinux }, "a folder that comes, goes and comes again is watched", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const place = `${folder}/place`;
  const { told, lost } = await watching(folder, [place], async () => {
    Deno.mkdirSync(place);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    Deno.removeSync(place, { recursive: true });
    Deno.mkdirSync(place);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    Deno.writeTextFileSync(`${place}/end`, "");
  }, isEnd);
  assert(told.includes("create place"), told.join(", "));
  assertEquals(told.at(-1), "create place/end");
  assertEquals(lost, []);
  await Deno.remove(folder, { recursive: true });
});
