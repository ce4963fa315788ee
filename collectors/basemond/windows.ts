import { runBase, say } from "./collect.ts";
import { type Identify, identifyByTime, parseSeconds } from "./identity.ts";

const BOOT =
  "[DateTimeOffset]::new((Get-CimInstance Win32_OperatingSystem).LastBootUpTime).ToUnixTimeSeconds()";

let begin: (() => Identify) | undefined;

async function identify(): Promise<Identify> {
  if (begin) return begin();
  const boot = parseSeconds(
    await say("powershell.exe", ["-NoProfile", "-NoLogo", "-Command", BOOT]),
  );
  // Without the time at which the host started no process could be told from one of another time.
  if (boot === undefined) return () => undefined;
  begin = identifyByTime(boot);
  return begin();
}

if (import.meta.main) await runBase({ platform: "windows", identify, counts: true });
