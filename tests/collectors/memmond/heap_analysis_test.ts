import { assertEquals } from "@std/assert";
import { listHeaps } from "../../../collectors/memmond/heap_analysis.ts";
import { openProcFiles } from "../../../collectors/proc/files.ts";

Deno.test("listHeaps() says that heaps may be missing where not all regions could be read", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/7`);
  const heap = "560000000000-560000021000 rw-p 00000000 00:00 0                          [heap]\n";
  await Deno.writeTextFile(`${root}/7/mem`, "");
  await Deno.writeFile(`${root}/7/pagemap`, new Uint8Array(8));
  const target = {
    identity: { pid: 7, process_key: "boot:7:1", process_name: "x" },
    folder: "7",
    files: openProcFiles(root),
    isSame: () => true,
    deadline: Infinity,
  };
  const rowsOf = async (smaps: string) => {
    await Deno.writeTextFile(`${root}/7/smaps`, smaps);
    const readings = listHeaps(target, ["heap_address"], { spend: () => undefined });
    return [...readings].map(({ row, gaps }) => [row.heap_address, gaps?.heap_address]);
  };
  assertEquals(await rowsOf(heap), [["0x560000000000", undefined]]);
  // The kernel writes no line as long as this.
  assertEquals(await rowsOf(heap + "x".repeat(70_000)), [
    ["0x560000000000", undefined],
    [undefined, "not_collected"],
  ]);
  await Deno.remove(root, { recursive: true });
});
