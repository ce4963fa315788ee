import { assert, assertEquals, assertRejects } from "@std/assert";
import { startOwner } from "../../../collectors/core/owner.ts";
import { isLinux, testWith } from "../support.ts";

const test = (name: string, fn: () => Promise<void>) => testWith({ Linux: isLinux }, name, fn);
const shell = (script: string) => ({ program: "sh", args: ["-c", script] }) as const;

test("startOwner() reads the whole of what an owner says, in however many pieces", async () => {
  const { said, close } = await startOwner(
    shell("printf a; sleep 0.2; head -c 200000 /dev/zero | tr '\\0' b; echo; read -r end || :"),
  );
  assertEquals(said, "a" + "b".repeat(200_000));
  await close();
  await close();
});

test("startOwner() says why an owner has ended instead", async () => {
  await assertRejects(() => startOwner(shell("echo no >&2; exit 1")), Error, "no");
  await assertRejects(() => startOwner(shell("exit 0")), Error, "it says nothing");
});

test("startOwner() ends an owner that does not begin, or is not wanted any more", async () => {
  const hangs = shell("exec sleep 1000");
  await assertRejects(
    () => startOwner(hangs, { beginning: 100, farewell: 100 }),
    Error,
    "it did not begin within 0.1 s",
  );
  const aborter = new AbortController();
  const { signal } = aborter;
  const starting = assertRejects(
    () => startOwner(hangs, { signal, farewell: 100 }),
    Error,
    "it is not wanted any more",
  );
  aborter.abort();
  await starting;
});

test("close() ends an owner by force that does not end by itself", async () => {
  const { said, close } = await startOwner(shell("echo $$; exec sleep 1000"), { farewell: 100 });
  await close();
  assert(!exists(`/proc/${said}`), "it is gone");
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
