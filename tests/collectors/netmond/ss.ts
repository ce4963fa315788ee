import { output } from "./live.ts";

/** A socket as ss(8) shows it, in the words of `network_connections`. */
export interface SsSocket {
  /** Protocol, both ends and state. */
  readonly key: string;
  /** Its state. */
  readonly state: string | null;
  /** What waits to be read, or accepted. */
  readonly receive_queue: number;
  /** What waits to be acknowledged; of a listening socket how many may wait. */
  readonly send_queue: number;
  /** The processes that hold it, ascending. */
  readonly pids: readonly number[];
}

const STATES: Readonly<Record<string, string | null>> = {
  "ESTAB": "established",
  "SYN-SENT": "syn_sent",
  "SYN-RECV": "syn_received",
  "FIN-WAIT-1": "fin_wait1",
  "FIN-WAIT-2": "fin_wait2",
  "TIME-WAIT": "time_wait",
  "UNCONN": null,
  "CLOSE-WAIT": "close_wait",
  "LAST-ACK": "last_ack",
  "LISTEN": "listening",
  "CLOSING": "closing",
};

/** One end of a connection as ss writes it: `[::ffff:127.0.0.1]:80`, `[fe80::1]%eth0:22`, `*:443`. */
function endOf(text: string): string | null {
  const [, host, port] = /^(.*):([^:]+)$/.exec(text)!;
  if (port === "*") return null;
  const address = host!.replace(/%[^\]]+$/, "").replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/, "");
  return `${address === "*" ? "::" : address} ${port}`;
}

/** What `ss -tunapH` says. */
export function ss(): SsSocket[] {
  return output("ss", "-tunapH").split("\n").filter((line) => line !== "").map((line) => {
    const [protocol, word, received, sent, local, remote, users = ""] = line.split(/ +/);
    const state = STATES[word!] ?? null;
    return {
      key: `${protocol} ${endOf(local!)} > ${endOf(remote!)} ${state}`,
      state,
      receive_queue: Number(received),
      send_queue: Number(sent),
      pids: [...new Set(users.matchAll(/,pid=(\d+),/g).map(([, pid]) => Number(pid)))]
        .sort((one, other) => one - other),
    };
  });
}
