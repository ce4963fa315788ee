import type { network_traffic } from "../../profiles/network_traffic.ts";
import type { protocol_analysis } from "../../profiles/protocol_analysis.ts";
import type { threat_indicators } from "../../profiles/threat_indicators.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const CAPTURE =
  "the packets that tcpdump(8) captures on all interfaces for 5 s, or a quarter of the time that the task has, read as pcap-filter(7) of the task's keys";
const SOURCE =
  "the side that sent the first SYN, that asked in DNS, HTTP or TLS, or else, where the beginning was not captured, the one whose port is not that of a service";
const CONNECTION =
  "`connection_id` of the socket in `network_connections` that has these ends, of all network namespaces, looked up while packets come; where none was seen the connection that was asked for, or protocol and both ends, this host's first";

/** Where `network_traffic` has its columns from on Linux. */
export const trafficSources: ColumnSources<typeof network_traffic, "linux"> = {
  connection_id: CONNECTION,
  protocol:
    "`dns`, `http`, `tls`, `stratum` or `ssh` by what is said first, else the name of the IP protocol; `platform_data` has `transport` then",
  source_ip: `${CAPTURE}; ${SOURCE}`,
  source_port: "the TCP or UDP header of that side; NULL for protocols without ports",
  destination_ip: "the other side",
  destination_port: "the TCP or UDP header; NULL for protocols without ports",
  packet_count:
    "packets in the capture; one that passes several interfaces, as through a bridge, counts on each",
  bytes_transferred: "the length in their IP headers, these included; the capture's alone",
  start_time: "the time of the first packet in the capture",
  end_time:
    "the time of the last packet, where both sides sent FIN or one RST; NULL for what has no end, as UDP",
  duration: "from the first to the last packet in the capture",
  direction:
    "outbound where the source is this host's socket or address; of two sockets on this host each has its row. Packets that pass through are outbound where their source is not public",
  analysis_time: "the clock after capturing",
};

/** Where `protocol_analysis` has its columns from on Linux. */
export const analysisSources: ColumnSources<typeof protocol_analysis, "linux"> = {
  pid:
    "who holds a socket with these ends, `/proc/<pid>/fd`, looked up while packets come; a connection that was over by then is of the process that listens. NULL where the socket was gone, which is told as a gap",
  process_key: "boot id, pid, `/proc/<pid>/stat` field 22",
  connection_id:
    `${CONNECTION}. Where both ends are this host's each has its row; \`end\` in \`platform_data\` says whether it is that of the \`source\` or of the \`destination\``,
  event_time: "the time of the packet with which the question was complete",
  source_ip: `${CAPTURE}; ${SOURCE}`,
  source_port: "the TCP or UDP header of that side",
  destination_ip: "the other side",
  destination_port: "the TCP or UDP header",
  protocol:
    "`dns` by its form, on any port; `http` for HTTP/1, `tls`, and `stratum`, by which miners ask a pool, by what a connection begins with. HTTP/2, QUIC and what is encrypted are not read",
  version: "of HTTP, RFC 9112, 2.6; of TLS that agreed on, or the client's highest; NULL for DNS",
  method: "the first line of a request, RFC 9112, 3.1",
  url:
    "the target of a request with its `Host`, or with the address where it has none; of `stratum` the pool's address",
  status_code: "the first line of the answer, RFC 9112, 4; interim answers are passed over",
  user_agent: "the first header `User-Agent`; of `stratum` the agent that the miner names",
  content_type: "the answer's header `Content-Type`",
  content_length: "the answer's header `Content-Length`; NULL without it",
  server: "the answer's header `Server`",
  dns_query:
    "the question, RFC 1035, 4.1.2, in lower case without the last dot, bytes that are no printable ASCII as `\\DDD`; `platform_data` has `type`, and of answers `code`",
  dns_response:
    "the records of the answer in their order: addresses, names and texts, of others the type; NULL where none came",
  ssl_version:
    "ServerHello, RFC 8446, 4.1.3, and its extension supported_versions; NULL where no agreement came",
  cipher_suite: "ServerHello, by the names of IANA, or the number in hexadecimal",
  certificate_issuer:
    "the issuer of the first certificate up to TLS 1.2, from the country to the name; encrypted since TLS 1.3. The name asked for (SNI) is `server_name` in `platform_data`",
};

/** Where `threat_indicators` has its columns from, everywhere: from the files that the detection names. */
export const indicatorSources: ColumnSources<typeof threat_indicators, "linux"> = {
  indicator_id:
    "CSV `indicator_id`, else file and value; STIX 2.1 `id` of the indicator; MISP `uuid` of the attribute",
  indicator_type:
    "CSV `indicator_type`, else by the look of the value; of STIX the property that the pattern compares; of MISP the attribute's `type`, joined ones as their parts. STIX patterns that need several observations and MISP attributes without `to_ids` are left out",
  indicator_value:
    "the value that was asked for and that the indicator means: the same one, an address in its network (`cidr`), a name below its domain, a URL whose host it is. What it says itself is then `listed` in `platform_data`; asked by id it is here, normalized (`hxxp` and `[.]` undone, case, last dot)",
  threat_category: "CSV; STIX `indicator_types`, the first; MISP `category`",
  severity: "CSV; STIX has none; MISP `threat_level_id` of the event: 1 high, 2 medium, 3 low",
  confidence: "CSV, 0 to 1, or 0 to 100 above 1; STIX `confidence` divided by 100; MISP has none",
  source:
    "CSV, else the file; STIX the name of `created_by_ref`, else of the first reference; MISP `Orgc`",
  first_seen: "CSV; STIX `created`; MISP `first_seen`, else `timestamp`",
  last_seen: "CSV; STIX `modified`; MISP `last_seen`, else `timestamp`",
  description: "CSV; STIX `description`, else `name`; MISP `comment`, else `info` of the event",
  tags:
    "CSV `tags`, parted by semicolons; STIX `labels` and `indicator_types`; MISP tags of attribute and event. Indicators outside `valid_from` and `valid_until`, and those that were `revoked`, are no rows (CSV has these columns, too)",
};
