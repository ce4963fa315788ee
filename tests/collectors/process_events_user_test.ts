import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { Reading } from "../../collectors/core/collector.ts";
import { has, isLinux, isRoot, testWith } from "./support.ts";

const script = fromFileUrl(new URL("procmond/events/as_user.ts", import.meta.url));
const AS_NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];

function succeeds(...args: readonly string[]): boolean {
  try {
    return new Deno.Command("setpriv", { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

const needs = {
  Linux: isLinux,
  setpriv: has("setpriv"),
  "readable by others": !isRoot || succeeds(...AS_NOBODY, "test", "-r", script) &&
      succeeds(...AS_NOBODY, Deno.execPath(), "--version"),
};

const COLUMNS = [
  ...["event_type", "pid", "ppid", "name", "command_line", "user_id", "accessible"],
  ...["parent_command_line", "exit_code", "duration_ms"],
];

/** Watches as an ordinary user. */
async function watchAsUser(): Promise<
  { readonly pid: number; readonly parent: number; readonly told: readonly Reading[] }
> {
  const cache = await Deno.makeTempDir();
  await Deno.chmod(cache, 0o777);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", "--no-config"];
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [...isRoot ? AS_NOBODY : ["--"], ...deno, script, "/bin/cat", ...COLUMNS],
    env: { DENO_DIR: cache },
  }).output();
  await Deno.remove(cache, { recursive: true });
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

testWith(
  needs,
  "without root processes are told, too: by the process connector, or by looking",
  async () => {
    const { pid, parent, told } = await watchAsUser();
    assertEquals(told.map(({ row }) => row.event_type), ["fork", "exec", "exit"]);
    for (const { row } of told) assertEquals([row.pid, row.ppid], [pid, parent]);
    const { row, gaps } = told[1]!;
    assertEquals([row.name, row.command_line, row.accessible], ["cat", "/bin/cat", true]);
    assertEquals(row.user_id, isRoot ? 65534 : Deno.uid());
    assert(String(row.parent_command_line).includes("as_user.ts"));
    assertEquals(gaps, {});
    const ended = told[2]!.row;
    assert(ended.exit_code === 0 || ended.exit_code === null, `${ended.exit_code}`);
    assertEquals(ended.command_line, "/bin/cat");
    assert((ended.duration_ms as number) >= 0);
  },
);
