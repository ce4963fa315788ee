import { assertMatch } from "@std/assert";
import { join } from "@std/path";
import { temporaryFolder } from "../../sinks/support.ts";
import { until } from "../../sinks/syslog/rsyslog.ts";
import { onDisk } from "../../store/disk.ts";
import { watched } from "./watched.ts";

onDisk("openHealth() raises an alert about a disk that is almost full", 64, async (folder) => {
  await using agent = await watched(folder);
  await until(() => Promise.resolve(agent.alerts.length > 0));
  assertMatch(agent.alerts[0]!.title, /^The disk of the store is almost full: \d+ MB are left$/);
});

/** What sets the clock of one process: `libfaketime`, of Debian's package. */
const FAKETIME = await (async () => {
  if (Deno.build.os !== "linux") return undefined;
  const path = `/usr/lib/${Deno.build.arch}-linux-gnu/faketime/libfaketimeMT.so.1`;
  return await Deno.stat(path).then(() => path, () => undefined);
})();
if (!FAKETIME) console.log("skipped: libfaketime, which sets the clock, is not installed");

Deno.test({
  name: "openHealth() raises an alert about a clock that is set, forward and back",
  ignore: FAKETIME === undefined,
}, async () => {
  await using folder = await temporaryFolder();
  const clock = join(folder.path, "clock");
  const set = (offset: string) => Deno.writeTextFile(clock, offset);
  await set("+0s");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", new URL("clock_child.ts", import.meta.url).pathname, folder.path],
    env: {
      LD_PRELOAD: FAKETIME!,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  try {
    await until(() => Promise.resolve(said.includes("watching")));
    await set("+1h");
    await until(() => Promise.resolve(said.includes("forward")));
    await set("+0s");
    await until(() => Promise.resolve(said.includes("back")));
    assertMatch(said, /^The clock was set forward by (3600|3599|3601) seconds$/m);
    assertMatch(said, /^The clock was set back by (3600|3599|3601) seconds$/m);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reading;
  }
});
