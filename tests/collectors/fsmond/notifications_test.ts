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

/** Waits until something was told so many times. */
type Until = (event: string, times?: number) => Promise<void>;

/** Watches places as any user may, while something is done to them. */
async function watching(
  folder: string,
  paths: readonly string[],
  act: (until: Until) => Promise<void>,
): Promise<
  { readonly told: readonly string[]; readonly readings: Reading[]; readonly lost: string[] }
> {
  const aborter = new AbortController();
  const readings: Reading[] = [];
  const lost: string[] = [];
  const told: string[] = [];
  let wake = () => {};
  const events = watch({ project: PROJECT }, {
    procRoot: "/proc",
    deadline: Infinity,
    reconcileEvery: Infinity,
    paths,
    signal: aborter.signal,
    dropped: (_, reason) => lost.push(reason),
  });
  const reading = (async () => {
    for await (const one of events) {
      readings.push(one);
      told.push(`${one.row.event_type} ${String(one.row.file_path).slice(folder.length + 1)}`);
      wake();
    }
  })();
  const until: Until = async (event, times = 1) => {
    const late = setTimeout(() => aborter.abort(), 60_000);
    while (told.filter((one) => one === event).length < times) {
      assert(!aborter.signal.aborted, `${event} is not among ${told.join(", ")}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      aborter.signal.addEventListener("abort", wake, { once: true });
      await promise;
    }
    clearTimeout(late);
  };
  try {
    await act(until);
  } finally {
    aborter.abort();
    await reading;
  }
  return { told, readings, lost };
}

testWith({ Linux: isLinux }, "without root files are told of, and nobody who did it", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const { told, readings, lost } = await watching(folder, [folder], async (until) => {
    Deno.writeTextFileSync(`${folder}/x`, "abc");
    Deno.writeTextFileSync(`${folder}/x`, "abcd", { append: true });
    await until("modify x");
    Deno.chmodSync(`${folder}/x`, 0o4755);
    await until("attrib x");
    Deno.renameSync(`${folder}/x`, `${folder}/y`);
    await until("move y");
    Deno.removeSync(`${folder}/y`);
    await until("delete y");
  });
  assertEquals(told, ["create x", "modify x", "attrib x", "move y", "delete y"]);
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
  const { lost } = await watching(folder, [place], async (until) => {
    Deno.mkdirSync(place);
    await until("create place");
    Deno.removeSync(place, { recursive: true });
    Deno.mkdirSync(place);
    await until("create place", 2);
    Deno.writeTextFileSync(`${place}/end`, "");
    await until("create place/end");
  });
  assertEquals(lost, []);
  await Deno.remove(folder, { recursive: true });
});
