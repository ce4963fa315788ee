/** Where a syslog server listens. */
export type SyslogAddress =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "udp"; readonly hostname: string; readonly port: number }
  | StreamAddress;

/** Where a syslog server takes connections. */
export interface StreamAddress {
  readonly transport: "tcp" | "tls";
  readonly hostname: string;
  readonly port: number;
}

/** Ports by RFC 5426, RFC 6587 (by use) and RFC 5425. */
const PORTS = { udp: 514, tcp: 601, tls: 6514 } as const;

/** Reads an address such as `unix:/run/systemd/journal/dev-log` or `tls://logs.example:6514`; else says what is wrong. */
export function parseAddress(text: string): SyslogAddress | string {
  const [, path] = /^unix:(\/[^,\0]+)$/.exec(text) ?? [];
  if (path !== undefined) {
    return path.startsWith("/dev/")
      ? "Deno counts what lies below /dev as devices; systemd has the same socket at unix:/run/systemd/journal/dev-log"
      : { transport: "unix", path };
  }
  const [, transport, bracketed, plain, port] =
    /^(udp|tcp|tls):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? PORTS[transport as keyof typeof PORTS] : Number(port);
  if (!transport || !(number > 0 && number < 65_536)) {
    return "an address such as unix:/run/systemd/journal/dev-log, udp://host:514, tcp://host:601 or tls://host:6514";
  }
  return {
    transport: transport as "udp",
    hostname: bracketed ?? plain!,
    port: number,
  };
}
