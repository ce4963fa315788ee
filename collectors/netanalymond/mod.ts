import type { CollectorDeclaration } from "../core/collector.ts";

/** Where distributions have tcpdump; the first that is there is run. */
export const TCPDUMP: readonly string[] = ["/usr/bin/tcpdump", "/usr/sbin/tcpdump"];

/** Takes away what tcpdump does not need of the collector's powers. */
export const SETPRIV = "/usr/bin/setpriv";

/**
 * What is said in the network, and what is known of those who say it: `network_traffic`, `protocol_analysis` and
 * `threat_indicators`. Packets are captured by tcpdump while a task lasts, and only those that its
 * keys mean; which process holds a socket is read from the process tree.
 */
export const netanalymond: CollectorDeclaration = {
  name: "netanalymond",
  kind: "triggerable",
  tables: ["network_traffic", "protocol_analysis", "threat_indicators"],
  permissions: {
    proc: "look",
    run: [SETPRIV],
    runIfPresent: TCPDUMP,
    sys: ["networkInterfaces"],
    network: "host",
    packets: true,
  },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};

/**
 * The same tables of a file of packets that were captured somewhere (pcap or pcapng) instead of this host's: who the
 * processes were is not known then.
 *
 * @param file its absolute path
 */
export function captureReader(file: string): CollectorDeclaration {
  const module = new URL("./offline.ts", import.meta.url);
  return {
    name: "netanalymond",
    kind: "triggerable",
    tables: netanalymond.tables,
    permissions: { capture: file },
    modules: { linux: module, macos: module, windows: module },
  };
}
