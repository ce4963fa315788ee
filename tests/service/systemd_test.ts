import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { CAPABILITIES } from "../../service/mod.ts";
import { commandLine } from "../../service/systemd.ts";
import { jsonLines, ROOT, runCli, temporaryFolder } from "../cli/run_cli.ts";

const UNITS = "etc/systemd/system";

/** What `systemd-analyze` says; `undefined` where it is not installed. */
async function analyze(...args: string[]): Promise<{ code: number; said: string } | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
    return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("skipped: systemd-analyze, of Debian's package systemd, is not installed");
    return undefined;
  }
}

Deno.test("commandLine() quotes what systemd would take for something else", () => {
  assertEquals(
    commandLine(["/a b/deno", "100%", "$HOME", 'say "x"', "c:\\d"]),
    '"/a b/deno" 100%% $$HOME "say \\"x\\"" c:\\\\d',
  );
});

Deno.test("install-service writes units that systemd finds no fault with", async () => {
  await using folder = await temporaryFolder();
  for (const words of [[], ["--timer", "--calendar", "*-*-* *:00/15:00"]]) {
    const { code, stderr } = await runCli(["install-service", "--root", folder.path, ...words]);
    assertEquals([code, stderr], [0, ""]);
  }
  const names = [...Deno.readDirSync(join(folder.path, UNITS))].map(({ name }) => name).sort();
  assertEquals(names, ["daemoneye-scan.service", "daemoneye-scan.timer", "daemoneye.service"]);
  for (const name of names) {
    const path = join(folder.path, UNITS, name);
    const verified = await analyze("verify", "--man=no", path);
    if (!verified) return;
    assertEquals([verified.code, verified.said], [0, ""], name);
  }
  const path = join(folder.path, UNITS, "daemoneye.service");
  const unit = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, unit.replace("ProtectSystem=strict", "ProtectSystm=strict"));
  assertStringIncludes((await analyze("verify", "--man=no", path))!.said, "ProtectSystm");
});

Deno.test("install-service keeps a configuration, writes units anew, and nothing with --dry-run", async () => {
  await using folder = await temporaryFolder();
  const config = join(folder.path, "etc/daemoneye/daemoneye.yaml");
  const dry = await runCli(["install-service", "--dry-run", "--memory", "512M"]);
  assertEquals(dry.code, 0);
  assertStringIncludes(dry.stdout, "# /etc/systemd/system/daemoneye.service\n");
  assertStringIncludes(dry.stdout, "\nMemoryMax=512M\n");
  assertStringIncludes(dry.stdout, `\nMemoryHigh=${448 * 2 ** 20}\n`);
  // A fault of one detection must not keep the others from watching, nor one of the configuration make a loop.
  assert(!dry.stdout.includes("ExecStartPre"));
  assertStringIncludes(dry.stdout, "\nRestartPreventExitStatus=2\n");
  for (const variable of ["MALLOC_ARENA_MAX=1", "MALLOC_MMAP_THRESHOLD_=131072"]) {
    assertStringIncludes(dry.stdout, `\nEnvironment=${variable}\n`);
  }
  assertEquals((await runCli(["install-service", "--root", folder.path])).code, 0);
  assertEquals((await runCli(["agent", "--check-config", "--config", config])).code, 0);
  await Deno.writeTextFile(config, "# mine\n");
  const again = await runCli(["install-service", "--root", folder.path, "--cpu", "20%"]);
  assertStringIncludes(again.stdout, "daemoneye.yaml stays as it is");
  assertEquals(await Deno.readTextFile(config), "# mine\n");
  assertMatch(
    await Deno.readTextFile(join(folder.path, UNITS, "daemoneye.service")),
    /^CPUQuota=20%$/m,
  );
  assertEquals((await runCli(["install-service", "--memory", "much\nExecStart=x"])).code, 2);
  assertEquals((await runCli(["install-service", "--calendar", "daily"])).code, 2);
});

const CAPS = [
  "-all",
  ...Object.keys(CAPABILITIES).map((name) => `+${name.slice(4).toLowerCase()}`),
];

/** The command that runs the program in the unit's mounts and with its capabilities. */
function restricted(folder: string, caps: readonly string[], words: readonly string[]) {
  return new Deno.Command("unshare", {
    // deno-fmt-ignore
    args: [
      "--mount", "--propagation", "slave",
      "sh", fromFileUrl(new URL("restricted.sh", import.meta.url)), folder, caps.join(","),
      Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only", "-P=host", `--config=${ROOT}deno.json`,
      `${ROOT}cli/main.ts`, ...words, "--state", join(folder, "state.kv"), "--format", "json",
    ],
    cwd: ROOT,
    env: { TMPDIR: folder },
  });
}

Deno.test("collectors are as confined under the unit's restrictions as without, and lack nothing", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  await using folder = await temporaryFolder();
  const collectors = async (command: Deno.Command) => {
    const { stdout, stderr } = await command.output();
    const text = new TextDecoder().decode(stdout);
    if (text === "") throw new Error(new TextDecoder().decode(stderr));
    return (JSON.parse(text).collectors as Record<string, unknown>[]).map((
      { name, state, confinement, lacks },
    ) => ({ name, state, confinement, lacks }));
  };
  const free = await runCli([
    "collectors",
    "--state",
    join(folder.path, "s.kv"),
    "--format",
    "json",
  ]);
  const expected = JSON.parse(free.stdout).collectors.map(
    ({ name, state, confinement, lacks }: Record<string, unknown>) => ({
      name,
      state,
      confinement,
      lacks,
    }),
  );
  assertEquals(await collectors(restricted(folder.path, CAPS, ["collectors"])), expected);
  // Each capability of the unit is one that is needed, but for the one without which nothing is said to fail.
  const less = CAPS.filter((name) => name !== "+sys_admin");
  const weaker = await collectors(restricted(folder.path, less, ["collectors"]));
  assert(JSON.stringify(weaker) !== JSON.stringify(expected));
});

Deno.test("a scan under the unit's restrictions raises its alerts", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  await using folder = await temporaryFolder();
  const rule = join(folder.path, "one.sql");
  await Deno.writeTextFile(
    rule,
    `---
id: 00000000-0000-4000-8000-0000000000af
title: A process
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
---
SELECT pid, name FROM processes WHERE pid = 1
`,
  );
  const { code, stdout, stderr } = await restricted(folder.path, CAPS, ["scan", rule]).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const [alert, summary] = jsonLines(new TextDecoder().decode(stdout));
  assertEquals([alert.title, summary.alerts], ["A process", 1]);
  const { collectors } = summary;
  assertEquals(collectors[0].confinement, "namespaces");
  const verified = await runCli(["audit", "verify", "--state", join(folder.path, "state.kv")]);
  assertEquals(verified.code, 0, verified.stdout);
});
