import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { fill, onDisk } from "../store/disk.ts";
import { EACH_SCAN } from "./each_scan.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";
import { startAgent } from "./start_agent.ts";

/** Writes what an agent needs into a folder; where its configuration lies. */
async function configure(folder: string, more: string): Promise<string> {
  const config = join(folder, "daemoneye.yaml");
  await Deno.mkdir(join(folder, "rules"));
  await Deno.writeTextFile(join(folder, "rules", "scans.sql"), EACH_SCAN);
  await Deno.writeTextFile(
    config,
    `state: state.kv\ndetections: [rules]\nschedule: { every: 1s }\n${more}`,
  );
  return config;
}

for (
  const [what, sinks] of [
    ["prints", ""],
    ["delivers to a sink", "sinks: [{ type: stdout, format: json, attempts: 1000 }]\n"],
  ] as const
) {
  onDisk(`an agent that ${what} on a full disk goes on scanning`, 1, async (disk) => {
    await using folder = await temporaryFolder();
    const config = await configure(folder.path, sinks);
    const [out, other] = [join(disk, "out.jsonl"), join(disk, "other")];
    await Deno.writeTextFile(out, "");
    const words = ["--config", config, "--log-level", "info"];
    await using agent = startAgent(words, { out });
    const alerts = () => {
      const text = Deno.readTextFileSync(out);
      return jsonLines(text.slice(0, text.lastIndexOf("\n") + 1))
        .filter(({ title }) => title === "Each scan").map(({ alert_data }) => alert_data.number);
    };
    const scans = () => agent.said.err.split("scan ended").length;
    await agent.until("an alert", () => alerts().length > 0);
    fill(other);
    await agent.until("the fault", () => /the disk is full/.test(agent.said.err));
    const before = scans();
    await agent.until("more scans", () => scans() > before + 3);
    await Deno.remove(other);
    const after = alerts().length;
    await agent.until("alerts once there is room", () => alerts().length > after + 3);
    agent.process.kill("SIGTERM");
    assertEquals((await agent.process.status).code, 0);
    assert(!/scan failed|internal error/.test(agent.said.err), agent.said.err);
    const list = await runCli(["alerts", "list", "--config", config, "--format", "json"]);
    const titles = jsonLines(list.stdout).map(({ title }) => title);
    assert(titles.includes("Each scan") && !titles.some((title) => /^A scan failed/.test(title)));
    if (sinks === "") {
      assertMatch(agent.said.err, /alerts are not written to standard output: .*the disk is full/);
    } else {
      // What could not be written at first was not taken for delivered; one may be told twice.
      const numbers = [...new Set(alerts())];
      assertEquals(numbers, numbers.map((_, at) => numbers[0]! + at));
    }
  });
}

Deno.test("an agent goes on, and takes in changes, where nobody reads what it says", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const config = await configure(folder.path, "");
  const broken = join(folder.path, "rules", "broken.sql");
  await Deno.writeTextFile(broken, "no detection");
  await using agent = startAgent(["--config", config], { deaf: true });
  const scans = () => agent.lines().filter(({ kind }) => kind === "summary").length;
  const more = async (what: string) => {
    const before = scans();
    await agent.until(what, () => scans() > before + 1);
  };
  await more("scans");
  await Deno.writeTextFile(broken, "still none");
  await agent.until("the refusal", () => agent.said.out.includes("was refused"));
  await more("scans after it");
  agent.process.kill("SIGTERM");
  assertEquals((await agent.process.status).code, 0);
  assert(!agent.said.out.includes("A scan failed"));
});
