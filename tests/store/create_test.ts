import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { fromFileUrl } from "@std/path";
import { openToWrite, withPath, writeScan } from "./fixtures.ts";

Deno.test("a process killed while it makes a store leaves a whole one or none", () =>
  withPath(async (path) => {
    for (let round = 0; round < Number(Deno.env.get("KILLS") ?? 20); round++) {
      const own = `${path}-${round}`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", fromFileUrl(import.meta.resolve("./opener.ts")), own],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      await delay(Math.random() * 60);
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      const store = await openToWrite(own);
      assertEquals(await writeScan(store, 10), 1);
      store.close();
      const left = [...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))].map(({ name }) => name);
      assertEquals(left.filter((name) => name.includes(".new")), []);
    }
  }));
