import { assertEquals } from "@std/assert";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { isRoot, testWith, textOf } from "../collectors/support.ts";
import { filesOf, type Fired, firedOf } from "./alerts.ts";
import { startAgent } from "./watching.ts";

/** What a scan judges by settings. */
const FILES = filesOf([
  "initial-access/ssh_root_login_by_password",
  "privilege-escalation/sudo_without_password",
  "defense-evasion/aslr_switched_off",
  "defense-evasion/kernel_hardening_switched_off",
]);

const ASLR = "/proc/sys/kernel/randomize_va_space";
const DMESG = "/proc/sys/kernel/dmesg_restrict";
const SSHD = "/etc/ssh/sshd_config";
const SUDOERS = "/etc/sudoers";

/** A file with another text, until the end; one that was not there is taken away again. */
async function changed(path: string, change: (before: string) => string): Promise<AsyncDisposable> {
  const before = await Deno.readTextFile(path).catch(() => undefined);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, change(before ?? ""), before === undefined ? { mode: 0o440 } : {});
  return {
    async [Symbol.asyncDispose]() {
      if (before === undefined) await Deno.remove(path);
      else await Deno.writeTextFile(path, before);
    },
  };
}

async function scan(state: string): Promise<readonly Fired[]> {
  const { code, stdout, stderr } = await runCli([
    "scan",
    ...FILES,
    "--format=json",
    `--state=${state}/state.kv`,
  ]);
  assertEquals(code, 0, stderr);
  const lines = jsonLines(stdout);
  assertEquals(lines.at(-1).not_evaluated, []);
  return lines.flatMap(firedOf);
}

/** What was told, with what it is about. */
const subjects = (fired: readonly Fired[]) =>
  fired.map(({ detection, row }) => `${detection} ${row.setting_name ?? row.policy_id}`).sort();

testWith(
  { root: isRoot, "kernel.dmesg_restrict": textOf(DMESG) !== "" },
  "scans tell of settings that open the host, of each once, and of nothing else",
  async () => {
    await using state = await temporaryFolder();
    await using _log = await changed(DMESG, () => "1\n");
    const before = subjects(await scan(state.path));
    assertEquals(before.filter((subject) => !subject.startsWith("ssh_root")), []);
    {
      await using _aslr = await changed(ASLR, () => "0\n");
      await using _dmesg = await changed(DMESG, () => "0\n");
      // Nobody tells sshd to read it, and there is no such user.
      await using _sshd = await changed(
        SSHD,
        (text) => `PermitRootLogin yes\nPasswordAuthentication yes\n${text}`,
      );
      await using _sudoers = await changed(
        SUDOERS,
        (text) => `${text}\nCmnd_Alias BAIT = ALL\ndaemoneye-bait ALL=(ALL) NOPASSWD: BAIT\n`,
      );
      const fired = subjects(await scan(state.path)).filter((one) => !before.includes(one));
      assertEquals(fired, [
        "aslr_switched_off sysctl.aslr",
        "kernel_hardening_switched_off sysctl.dmesg_restrict",
        "ssh_root_login_by_password PermitRootLogin",
        "sudo_without_password User daemoneye-bait",
      ]);
      assertEquals(subjects(await scan(state.path)), []);
    }
    assertEquals(subjects(await scan(state.path)), []);
  },
);

testWith({ root: isRoot }, "the agent tells of a setting when it is changed", async () => {
  await using agent = await startAgent(filesOf(["defense-evasion/security_setting_changed"]));
  const told = (value: string) =>
    agent.fired.some(({ row }) =>
      row.setting_name === "User daemoneye-bait" && row.new_value === value
    );
  await using _sudoers = await changed(
    `${SUDOERS}.d/daemoneye-bait`,
    () => "daemoneye-bait ALL=(ALL) ALL\n",
  );
  // Without it nobody reads that folder.
  await using _main = await changed(
    SUDOERS,
    (text) => text.includes("includedir") ? `${text}\n` : `${text}\n@includedir /etc/sudoers.d\n`,
  );
  await agent.until("it was made", () => told("ALL = (ALL) ALL"));
  const script = `echo "daemoneye-bait ALL=(ALL) NOPASSWD: ALL" > ${SUDOERS}.d/daemoneye-bait`;
  const writer = new Deno.Command("sh", { args: ["-c", `${script}; sleep 0.2`] }).spawn();
  await writer.status;
  await agent.until("it was modified", () => told("ALL = (ALL) NOPASSWD: ALL"));
  const [, { row }] = agent.fired.filter(({ row }) =>
    row.setting_name === "User daemoneye-bait"
  ) as [
    Fired,
    Fired,
  ];
  assertEquals([row.change_type, row.old_value, row.impact_level], [
    "modify",
    "ALL = (ALL) ALL",
    "high",
  ]);
  assertEquals(row.changed_by, `root: ${Deno.realPathSync("/bin/sh")} (${writer.pid})`);
});
