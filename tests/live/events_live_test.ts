import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { temporaryFolder } from "../cli/run_cli.ts";
import { run, testWith } from "../collectors/support.ts";
import { exists, filesOf, needs } from "./alerts.ts";
import { startAgent } from "./watching.ts";

const EVENTS = filesOf(["impact/fork_burst", "defense-evasion/exec_from_deleted_folder"]);

testWith(
  { ...needs, bash: exists("bash") },
  "fork_burst fires once on a shell that forks without end",
  async () => {
    await using folder = await temporaryFolder();
    // A name of its own: everybody's shells are counted together.
    const name = `dl-forks-${Deno.pid}`.slice(0, 15);
    const bomb = join(folder.path, name);
    await Deno.copyFile("/bin/bash", bomb);
    await using agent = await startAgent(EVENTS);
    const mine = () => agent.fired.filter(({ row }) => row.name === name);
    {
      await using _bomb = run(bomb, ["-c", "for ((n = 0; n < 2000; n++)); do : & done; wait; :"]);
      await agent.until("the burst is seen", () => mine().length > 0);
    }
    assertEquals(mine().map(({ detection }) => detection), ["fork_burst"]);
  },
);

testWith(
  { ...needs, bash: exists("bash") },
  "exec_from_deleted_folder fires on a deleted program and in a deleted folder",
  async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, "program");
    const working = join(folder.path, "working");
    await Deno.copyFile("/bin/sleep", program);
    await Deno.mkdir(working);
    await using agent = await startAgent(EVENTS);
    const mine = () =>
      agent.fired.filter(({ row }) =>
        `${row.executable_path} ${row.working_directory}`.includes(folder.path)
      );
    // The same, while all of it is still there.
    await using _harmless = run(program, ["600"], { cwd: working });
    await using one = run("bash", [
      "-c",
      'exec 3< "$0"; rm "$0"; exec /proc/self/fd/3 600',
      program,
    ]);
    await using other = run("bash", ["-c", 'rmdir "$PWD"; exec sleep 600'], { cwd: working });
    await agent.until("both are seen", () => mine().length >= 2);
    assertEquals(
      mine().map(({ detection, row }) => `${detection} ${row.pid}`).sort(),
      [one, other].map(({ pid }) => `exec_from_deleted_folder ${pid}`).sort(),
    );
    const rows = new Map(mine().map(({ row }) => [row.pid, row]));
    assertEquals(rows.get(one.pid)!.executable_path, program);
    assertEquals(rows.get(other.pid)!.working_directory, `${working} (deleted)`);
  },
);
