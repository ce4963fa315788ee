import { join } from "@std/path";
import { takeLock } from "../../store/lock.ts";

Deno.test("takeLock() takes a lock just given back, also while processes are started", async () => {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  const path = join(folder, "state.kv.lock");
  let starting = true;
  const start = async () => {
    while (starting) await new Deno.Command(Deno.execPath(), { args: ["--version"] }).output();
  };
  const started = [start(), start()];
  try {
    for (let time = 0; time < 500; time++) {
      const unlock = await takeLock(path, "a test");
      unlock();
    }
  } finally {
    starting = false;
    await Promise.all(started);
    await Deno.remove(folder, { recursive: true });
  }
});
