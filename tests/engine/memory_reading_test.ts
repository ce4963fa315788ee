import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { memoryPlaces, readMemory } from "../../engine/memory_reading.ts";
import { temporaryFolder } from "../sinks/support.ts";

const ignore = Deno.build.os !== "linux";

async function placesWith(folder: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return { pressure: join(folder, "pressure"), group: folder };
}

Deno.test({
  name: "readMemory() reads the pressure of the host and the limits of cgroup v2",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const { heap, ...reading } = await readMemory(
    await placesWith(folder.path, {
      pressure: "some avg10=12.50 avg60=3.00 avg300=1.00 total=99\n" +
        "full avg10=1.00 avg60=0.00 avg300=0.00 total=9\n",
      "memory.current": "900\n",
      "memory.high": "max\n",
      "memory.max": "1000\n",
      "memory.events": "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\noom_group_kill 0\n",
      "memory.stat": "anon 500\nfile 400\ninactive_anon 20\ninactive_file 300\n",
    }),
  );
  assertEquals(reading, { stalled: 12.5, used: 0.6, killed: 2 });
  assert(heap > 0 && heap < 1);
});

Deno.test(
  { name: "readMemory() reads cgroup v1, and takes no limit for none", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const files = {
      "memory.usage_in_bytes": "800\n",
      "memory.limit_in_bytes": "1000\n",
      "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
      "memory.stat": "inactive_file 1\ntotal_inactive_file 100\n",
    };
    const { heap: _, ...reading } = await readMemory(await placesWith(folder.path, files));
    assertEquals(reading, { used: 0.7, killed: 3 });
    const none = { ...files, "memory.limit_in_bytes": "9223372036854771712\n" };
    assertEquals((await readMemory(await placesWith(folder.path, none))).used, undefined);
  },
);

Deno.test({ name: "readMemory() says nothing where nothing can be read", ignore }, async () => {
  const { heap, ...reading } = await readMemory({ pressure: "/nowhere", group: "/nowhere" });
  assertEquals(reading, {});
  assert(heap > 0);
});

/** A control group of memory that was made for this; `undefined` where none can be made. */
async function makeGroup(): Promise<{ path: string; limit: string } | undefined> {
  for (
    const [root, limit] of [["/sys/fs/cgroup/memory", "memory.limit_in_bytes"], [
      "/sys/fs/cgroup",
      "memory.max",
    ]]
  ) {
    const path = `${root}/daemoneye-test-${Deno.pid}`;
    try {
      await Deno.mkdir(path);
      if (await Deno.stat(`${path}/${limit}`).catch(() => null)) return { path, limit: limit! };
      await Deno.remove(path);
    } catch {
      // It is not ours to make.
    }
  }
  return undefined;
}

const group = ignore ? undefined : await makeGroup();
if (!group) console.log("skipped: no control group of memory can be made here");

Deno.test({ name: "readMemory() sees a real control group fill up", ignore: !group }, async () => {
  const { path, limit } = group!;
  await Deno.writeTextFile(`${path}/${limit}`, String(200 * 2 ** 20));
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `echo $$ > ${path}/cgroup.procs && exec ${Deno.execPath()} eval ` +
      `'const kept = new Uint8Array(150 * 2 ** 20).fill(1); console.log("full"); setTimeout(() => kept, 60000)'`,
    ],
    stdout: "piped",
  }).spawn();
  try {
    const places = { ...await memoryPlaces(), group: path };
    const empty = (await readMemory(places)).used!;
    await child.stdout.getReader().read();
    const full = await readMemory(places);
    assert(empty < 0.3 && full.used! > 0.75 && full.used! <= 1, `${empty} ${full.used}`);
    assertAlmostEquals(full.stalled ?? 0, 50, 50);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    for (let left = 50; left > 0; left--) {
      if (await Deno.remove(path).then(() => true, () => false)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
