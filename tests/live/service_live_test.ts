import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";

const SYSTEMD = "/lib/systemd/systemd";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The process whose parent is another, as soon as there is one. */
async function childOf(parent: number): Promise<number> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const children = await Deno.readTextFile(`/proc/${parent}/task/${parent}/children`);
    const [child] = children.split(" ").filter((pid) => pid !== "");
    if (child) return Number(child);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`process ${parent} has no child`);
}

Deno.test("systemd itself starts the agent, which watches under all restrictions of its unit", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0 || !isThere(SYSTEMD),
}, async () => {
  await using folder = await temporaryFolder();
  const files = join(folder.path, "files");
  const top = join(folder.path, "top");
  await Deno.mkdir(top);
  assertEquals((await runCli(["install-service", "--root", files])).code, 0);
  const boot = fromFileUrl(new URL("systemd_boot.sh", import.meta.url));
  const booted = new Deno.Command("unshare", {
    // deno-fmt-ignore
    args: [
      "--pid", "--mount", "--propagation", "private", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child",
      "sh", boot, top, files,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const systemd = await childOf(booted.pid);
    const read = async (path: string) =>
      await Deno.readTextFile(`/proc/${systemd}/root${path}`).catch(() => "");
    let summary;
    for (const end = Date.now() + 120_000; !summary;) {
      assert(Date.now() < end, await read("/run/err"));
      const out = await read("/run/out");
      // What checks the configuration before the start does not speak JSON.
      const lines = out.slice(0, out.lastIndexOf("\n")).split("\n");
      summary = jsonLines(lines.filter((line) => line.startsWith("{")).join("\n"))
        .find(({ kind }) => kind === "summary");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    for (const { name, confinement } of summary.collectors) {
      assertEquals(confinement, "namespaces", name);
    }
    assert(summary.detections - summary.not_evaluated.length > 10);
    const agent = Number(/\d+/.exec(await read("/var/lib/daemoneye/state.kv.lock"))![0]);
    const status = await read(`/proc/${agent}/status`);
    assertMatch(status, /^NoNewPrivs:\t1$/m);
    assertMatch(status, /^Seccomp:\t2$/m);
    assertMatch(await read(`/proc/${agent}/cgroup`), /daemoneye\.service/);
  } finally {
    booted.kill("SIGKILL");
    await booted.status;
  }
});
