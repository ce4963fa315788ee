import { assertEquals } from "@std/assert";
import { openProcFiles } from "../../../../collectors/proc/files.ts";
import { createReconciler } from "../../../../collectors/procmond/events/reconcile.ts";

Deno.test("compare() counts what was not told a second later either", async () => {
  const root = await Deno.makeTempDir();
  const place = (...pids: number[]) => pids.forEach((pid) => Deno.mkdirSync(`${root}/${pid}`));
  const known = new Set([1, 2, 3]);
  let time = 0;
  const reconciler = createReconciler(
    openProcFiles(root),
    {
      knows: (pid) => known.has(pid),
      pids: () => [...known],
      meet: (pid) => void known.add(pid),
      forget: (pid) => void known.delete(pid),
    },
    60_000,
    () => time,
  );
  place(1, 2, 3);
  time = 59_000;
  assertEquals(reconciler.left(), 1000);
  time = 60_000;
  assertEquals([reconciler.left(), reconciler.compare(), reconciler.left()], [0, 0, 60_000]);

  // 3 has ended, 4 and 5 have begun; of 4 somebody tells a moment later.
  await Deno.remove(`${root}/3`);
  place(4, 5);
  time = 120_000;
  assertEquals([reconciler.compare(), reconciler.left()], [0, 1000]);
  known.add(4);
  time = 121_000;
  assertEquals([reconciler.compare(), reconciler.left()], [2, 60_000]);
  assertEquals([...known].sort(), [1, 2, 4, 5]);
  time = 181_000;
  assertEquals(reconciler.compare(), 0);
  await Deno.remove(root, { recursive: true });
});
