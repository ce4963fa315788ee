import { assertEquals } from "@std/assert";

const MB = 1024 * 1024;

/** Whether this process may mount file systems; otherwise why these tests cannot run. */
const refusal = await whyNoMount();
if (refusal) console.log(`tests of a full disk are skipped: ${refusal}`);

/** Runs a program; says why it failed, if it did. */
export async function run(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return (error as Error).message;
  }
}

async function whyNoMount(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "they mount a tmpfs";
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-disk-" });
  const fault = await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  if (!fault) await run("umount", "--lazy", folder);
  await Deno.remove(folder);
  return fault;
}

/** Calls back with a folder on a disk of so many MB. */
export function onDisk(name: string, size: number, use: (folder: string) => Promise<void>): void {
  Deno.test(name, { ignore: refusal !== undefined }, async () => {
    const folder = await Deno.makeTempDir({ prefix: "daemoneye-disk-" });
    assertEquals(
      await run("mount", "-t", "tmpfs", "-o", `size=${size}m`, "tmpfs", folder),
      undefined,
    );
    try {
      await use(folder);
    } finally {
      await run("mount", "-o", "remount,rw", folder);
      await run("umount", "--lazy", folder);
      await Deno.remove(folder);
    }
  });
}

/**
 * Makes a disk read-only. A store is closed by threads of its own, a moment later, and as long as a file is open for
 * writing the disk is busy.
 */
export async function makeReadOnly(folder: string): Promise<void> {
  for (let tries = 100;; tries--) {
    const fault = await run("mount", "-o", "remount,ro", folder);
    if (!fault) return;
    if (!fault.includes("busy") || tries === 0) throw new Error(fault);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Fills a disk to its last byte. */
export function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true, append: true });
  for (let size = MB; size >= 1; size = Math.floor(size / 2)) {
    const bytes = new Uint8Array(size).fill(1);
    try {
      for (;;) file.writeSync(bytes);
    } catch {
      // Smaller pieces may still fit.
    }
  }
}
