import { runBase, say } from "./collect.ts";
import { type Identify, identifyByTime, parseBootTime } from "./identity.ts";

let begin: (() => Identify) | undefined;

async function identify(): Promise<Identify> {
  if (begin) return begin();
  const boot = parseBootTime(await say("/usr/sbin/sysctl", ["-n", "kern.boottime"]));
  // Without the time at which the host started no process could be told from one of another time.
  if (boot === undefined) return () => undefined;
  begin = identifyByTime(boot);
  return begin();
}

if (import.meta.main) await runBase({ platform: "macos", identify, counts: true });
