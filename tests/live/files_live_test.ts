import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { temporaryFolder } from "../cli/run_cli.ts";
import { run, testWith } from "../collectors/support.ts";
import { exists, filesOf, needs } from "./alerts.ts";
import { startAgent } from "./watching.ts";

const FILES = filesOf([
  "privilege-escalation/new_setuid_file",
  "defense-evasion/preload_file_written",
  "defense-evasion/log_file_truncated",
  "persistence/authorized_keys_changed",
  "persistence/cron_file_created",
  "command-and-control/program_dropped_by_network_tool",
  "impact/file_rename_burst",
]);

/** A name that nobody else has. */
const NAME = `daemoneye-live-test-${Deno.pid}`;

/** Runs a script of the shell; files are changed by it and not by this process, which the agent may be part of. */
async function shell(script: string, ...args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command("sh", { args: ["-ec", script, ...args] }).output();
  assert(success, script);
}

testWith(
  { ...needs, curl: exists("curl") },
  "detections of files fire on what intruders do to them",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const mine = new RegExp(`${NAME}|${path}|^/etc/ld[.]so[.]preload$`);
    await using agent = await startAgent(FILES);
    const fired = () =>
      agent.fired.filter(({ row }) => mine.test(String(row.file_path))).map(({ detection }) =>
        detection
      );
    const seen = (detection: string) =>
      agent.until(`${detection} fires`, () => fired().includes(detection));

    // A reading, and a file that only looks like one.
    await shell('cat /etc/crontab > /dev/null 2>&1 || :; touch "$0/authorized_keys"', path);

    await shell('cp /bin/true "$0/suid"; chmod u+s "$0/suid"', path);
    await seen("new_setuid_file");
    {
      await shell(
        "[ ! -e /etc/ld.so.preload ] && touch /etc/ld.so.preload && rm /etc/ld.so.preload",
      );
      await seen("preload_file_written");
    }
    await shell('mkdir "$0/.ssh"; echo key > "$0/.ssh/authorized_keys"', path);
    await seen("authorized_keys_changed");
    await shell('echo "# nothing" > "/etc/cron.d/$0"; sleep 1; rm "/etc/cron.d/$0"', NAME);
    await seen("cron_file_created");
    await shell(
      'mkdir -p "/var/log/nginx"; echo line > "$0"; sleep 1; : > "$0"; sleep 1; rm "$0"',
      `/var/log/nginx/${NAME}.log`,
    );
    await seen("log_file_truncated");
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("#!/bin/sh\n"),
    );
    await shell(
      'curl -sSo "/usr/local/bin/$0" "$1"; sleep 1; rm "/usr/local/bin/$0"',
      NAME,
      `http://127.0.0.1:${server.addr.port}/`,
    );
    await seen("program_dropped_by_network_tool");
    await server.shutdown();
    await shell('mkdir "$0/files"; for n in $(seq 150); do : > "$0/files/$n.txt"; done', path);
    {
      // One process: `mv` would be a process for each file.
      const rename = 'for (1..150) { rename "$ARGV[0]/$_.txt", "$ARGV[0]/$_.txt.locked" } sleep 60';
      await using _renaming = run("perl", ["-e", rename, join(path, "files")]);
      await seen("file_rename_burst");
    }
    assertEquals([...new Set(fired())].length, 7);
  },
);

testWith(
  needs,
  "cpu_use_from_home fires on a program that begins to take a processor",
  async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, "program");
    await Deno.copyFile("/bin/sh", program);
    await using agent = await startAgent(filesOf(["impact/cpu_use_from_home"]));
    await using busy = run("nice", ["-n", "-19", program, "-c", "while :; do :; done"]);
    await agent.until("it is seen", () => agent.fired.some(({ row }) => row.pid === busy.pid));
    assertEquals(
      agent.fired.find(({ row }) => row.pid === busy.pid)!.detection,
      "cpu_use_from_home",
    );
  },
);
