import { assert, assertEquals } from "@std/assert";
import { parseMountInfo } from "../../../collectors/proc/mounts.ts";
import { canConfine, testWith, textOf } from "../support.ts";
import { makeFolder, output } from "./host.ts";
import { collect, needs, open } from "./live.ts";

testWith(
  { ...needs, "root that can make namespaces": canConfine() },
  "the collector of file_metadata sees every mount, whatever its name, and can write to none",
  async () => {
    using folder = makeFolder();
    const place = `${folder.path}/a b 5%\n\\x`;
    Deno.mkdirSync(place);
    output("mount", "-t", "tmpfs", "-o", "mode=0777", "none", place);
    try {
      Deno.writeTextFileSync(`${place}/file`, "x");
      await using collectors = await open();
      const { rows } = await collect(collectors, { column: "directory", values: [place] }, [
        ...["file_path", "mount_point", "mount_info", "sha256_hash"],
      ]);
      assertEquals(rows.map(({ values }) => [values.file_path, values.mount_point]), [
        [`${place}/file`, place],
      ]);
      assert(String(rows[0]!.values.mount_info).includes('"rw"'), "the host's own options");
      const mounts = parseMountInfo(Deno.readTextFileSync(`/proc/${collectorPid()}/mountinfo`))
        .filter(({ mount_point }) => /^\/hostfiles(\/|$)/.test(mount_point));
      // Of mounts at one place only the last can be reached.
      const reached = new Map(mounts.map((mount) => [mount.mount_point, mount]));
      assert(reached.has(`/hostfiles${place}`));
      const needed = ["ro", "nosuid", "nodev", "noexec"];
      assertEquals(
        [...reached.values()].filter(({ options }) => needed.some((one) => !options.includes(one))),
        [],
      );
    } finally {
      output("umount", "-l", place);
    }
  },
);

/** The process of the collector that this process has started. */
function collectorPid(): string {
  for (const { name } of Deno.readDirSync("/proc")) {
    const line = /^\d+$/.test(name) ? textOf(`/proc/${name}/cmdline`) : "";
    if (line.startsWith("/deno\0") && line.includes("filemond/linux.ts") && descends(name)) {
      return name;
    }
  }
  throw new Error("it does not run");
}

/** Whether a process was started by this one, or by one that was. */
function descends(pid: string): boolean {
  const parent = /^PPid:\t(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? "0";
  return parent === String(Deno.pid) || parent !== "0" && descends(parent);
}
