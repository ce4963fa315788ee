import { join } from "@std/path";
import type { Certificates } from "../certificates.ts";

/** A message as rsyslog understood it. */
export interface Received {
  readonly pri: string;
  readonly host: string;
  readonly program: string;
  readonly data: string;
  readonly message: string;
  readonly time: string;
}

/** A running rsyslog. */
export interface Rsyslog extends AsyncDisposable {
  /** Where it listens, by transport. */
  readonly addresses: Readonly<Record<"unix" | "udp" | "tcp" | "tls", string>>;
  /** What it has received; waits until there are so many. */
  received(count: number): Promise<Received[]>;
}

/** Starts a real rsyslog in a folder, on free ports. */
export async function startRsyslog(
  folder: string,
  { ca, certificate, key }: Certificates,
  ports: readonly [udp: number, tcp: number, tls: number] = [freePort(), freePort(), freePort()],
): Promise<Rsyslog> {
  const [udp, tcp, tls] = ports;
  const socket = join(folder, "log.sock");
  const out = join(folder, "out.jsonl");
  const property = (name: string, as: string, more = "") =>
    `property(name="${name}" outname="${as}" format="jsonf"${more})`;
  const comma = 'constant(value=",")';
  await Deno.writeTextFile(
    join(folder, "rsyslog.conf"),
    `
global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${ca}"
  defaultNetstreamDriverCertFile="${certificate}" defaultNetstreamDriverKeyFile="${key}")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
template(name="all" type="list") {
  constant(value="{") ${property("pri", "pri")} ${comma} ${property("hostname", "host")} ${comma}
  ${property("programname", "program")} ${comma} ${property("structured-data", "data")} ${comma}
  ${property("msg", "message")} ${comma} ${
      property("timereported", "time", ' dateFormat="rfc3339"')
    } constant(value="}\\n")
}
ruleset(name="keep") { action(type="omfile" file="${out}" template="all") }
input(type="imuxsock" Socket="${socket}" UseSpecialParser="off" ParseHostname="on" ruleset="keep"
  IgnoreTimestamp="off" UseSysTimeStamp="off" RateLimit.Interval="0")
input(type="imudp" address="127.0.0.1" port="${udp}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="${tcp}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="${tls}" ruleset="keep"
  StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
`,
  );
  const child = new Deno.Command("rsyslogd", {
    args: ["-n", "-f", join(folder, "rsyslog.conf"), "-i", join(folder, "rsyslog.pid")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(async () => {
    if (!await exists(socket)) return false;
    for (const port of [tcp, tls]) (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  });
  return {
    addresses: {
      unix: `unix:${socket}`,
      udp: `udp://127.0.0.1:${udp}`,
      tcp: `tcp://127.0.0.1:${tcp}`,
      tls: `tls://localhost:${tls}`,
    },
    async received(count) {
      let found: Received[] = [];
      await until(async () => {
        const text = await exists(out) ? await Deno.readTextFile(out) : "";
        found = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
        return found.length >= count;
      });
      return found;
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    },
  };
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds, for at most 30 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 600; round++) {
    try {
      if (await holds()) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("what was waited for did not come");
}
