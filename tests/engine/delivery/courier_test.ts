import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { HOST_CLOCK } from "../../../collectors/core/restarts.ts";
import { openCourier } from "../../../engine/delivery/courier.ts";
import { deadline } from "../../../sinks/deadline.ts";
import { hasProgram } from "../../sinks/certificates.ts";
import { alertOf, optionsOf, temporaryFolder } from "../../sinks/support.ts";
import { childrenWith } from "./support.ts";

const ignore = !await hasProgram("pgrep", "--version");
if (ignore) console.log("skipped: pgrep, which finds the delivery process, is not installed");

Deno.test({
  name: "openCourier() ends a process that hangs, also where it does not even take the alert",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const sinks = [optionsOf({ type: "file", path, timeout: "100ms" })];
  const courier = openCourier({ sinks, clock: HOST_CLOCK, onProblem: () => {}, grace: 400 });
  assertEquals(await courier.send(0, alertOf()), { status: "ok" });
  const [hanging] = await childrenWith(path);
  Deno.kill(hanging!, "SIGSTOP");
  try {
    // Longer than what a pipe holds.
    const outcome = await deadline(
      30_000,
      () => courier.send(0, alertOf({ title: "x".repeat(1_000_000) })),
    );
    assert(outcome.status === "failed" && outcome.died);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assertEquals(await courier.send(0, alertOf()), { status: "ok" }, "by another process");
  } finally {
    await courier.close();
  }
});

Deno.test({
  name: "openCourier() closes the pipes of a process that has ended, or that did not start",
  ignore: ignore || Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const sinks = [optionsOf({ type: "file", path })];
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
  // Each moment is a day later: no pause is waited for.
  let day = 0;
  const clock = { ...HOST_CLOCK, now: () => ++day * 86_400_000 };
  const courier = openCourier({ sinks, clock, onProblem: () => {} });
  const killed = async (starting: boolean) => {
    const sending = courier.send(0, alertOf());
    if (!starting) assertEquals(await sending, { status: "ok" });
    let found: readonly number[] = [];
    while (found.length === 0) found = await childrenWith(path);
    for (const pid of found) Deno.kill(pid, "SIGKILL");
    const outcome = starting ? await sending : await courier.send(0, alertOf());
    assertEquals(outcome.status, "failed");
  };
  try {
    await killed(false);
    const before = open();
    for (let round = 0; round < 4; round++) {
      await killed(false);
      await killed(true);
    }
    assertEquals(open(), before);
  } finally {
    await courier.close();
  }
});
