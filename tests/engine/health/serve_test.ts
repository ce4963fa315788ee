import { assert, assertStringIncludes } from "@std/assert";
import { openEndpoint } from "../../../engine/health/serve.ts";
import { hasProgram } from "../../sinks/certificates.ts";
import { freePort, until } from "../../sinks/syslog/rsyslog.ts";
import { childrenWith } from "../delivery/support.ts";

const ignore = Deno.build.os !== "linux" || !await hasProgram("pgrep", "--version");
if (ignore) console.log("skipped: pgrep, which finds the health process, is not installed");

/** What a process has read until now, bytes. */
async function readBy(pid: number): Promise<number> {
  return Number(/^rchar: (\d+)$/m.exec(await Deno.readTextFile(`/proc/${pid}/io`))![1]);
}

Deno.test({
  name: "openEndpoint() keeps nothing but the newest answers for a process that hangs",
  ignore,
}, async () => {
  const listen = `127.0.0.1:${freePort()}`;
  await using endpoint = openEndpoint({ listen, onProblem: () => {} });
  const publish = (name: string) =>
    endpoint.publish({ alive: true, health: {}, metrics: `${name} 1\n`.padEnd(100_000, "#") });
  const metrics = async () => await (await fetch(`http://${listen}/metrics`)).text();
  publish("first");
  await until(async () => (await metrics()).includes("first 1"));
  const [process] = await childrenWith(listen);
  const before = await readBy(process!);
  Deno.kill(process!, "SIGSTOP");
  for (let at = 0; at < 100; at++) {
    publish(`answer${at}`);
    // As if time went by: what is written is under way.
    await new Promise((resolve) => setTimeout(resolve));
  }
  Deno.kill(process!, "SIGCONT");
  await until(async () => (await metrics()).includes("answer99 1"));
  const read = await readBy(process!) - before;
  assert(read < 1_000_000, `${read} bytes were kept`);
  publish("last");
  await until(async () => (await metrics()).includes("last 1"));
  assertStringIncludes(await metrics(), "daemoneye_up 1");
});
