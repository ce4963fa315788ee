import { assertEquals } from "@std/assert";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { isRoot, linkOf, run, testWith, until } from "../collectors/support.ts";
import { exists, filesOf, firedOf } from "./alerts.ts";

for (const engine of ["wasm", "system"]) {
  testWith(
    { root: isRoot, yara: exists("yara") },
    `a deleted implant is found where the configuration chooses the engine ${engine}`,
    async () => {
      await using folder = await temporaryFolder();
      const settings = `${folder.path}/daemoneye.yaml`;
      await Deno.writeTextFile(settings, `collectors: { yara: { engine: ${engine} } }`);
      const path = `${folder.path}/-C`;
      const program = Deno.readFileSync("/bin/sleep");
      const words = new TextEncoder().encode("github.com/bishopfox/sliver/implant\0");
      await Deno.writeFile(path, new Uint8Array([...program, ...words]), { mode: 0o755 });
      await using child = run(path, ["600"]);
      await until("it runs", () => linkOf(`/proc/${child.pid}/exe`) === path);
      await Deno.remove(path);
      const { code, stdout, stderr } = await runCli([
        "scan",
        ...filesOf(["defense-evasion/deleted_implant_running"]),
        "--format=json",
        `--config=${settings}`,
        `--state=${folder.path}/state.kv`,
      ]);
      assertEquals(code, 0, stderr);
      const lines = jsonLines(stdout);
      assertEquals(lines.at(-1).not_evaluated, []);
      const fired = lines.flatMap(firedOf).filter(({ row }) => row.pid === child.pid);
      assertEquals(fired.map(({ row }) => [row.rule_name, row.executable_path]), [
        ["sliver_implant", path],
      ]);
    },
  );
}
