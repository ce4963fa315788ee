import type { TableSpec } from "../schema/types.ts";

/** The table of what was said on the wire. */
export const protocol_analysis = {
  name: "protocol_analysis",
  description:
    "Exchanges read from captured traffic: HTTP requests with their answers, DNS queries, TLS handshakes. One row each; columns of the other protocols are NULL.",
  collector: "netanalymond",
  kind: "triggerable",
  slow: true,
  requires: ["connection_id", "pid"],
  columns: {
    pid: ["integer", "The process on this host that took part, where it could be found", {
      lookup: true,
      optional: true,
    }],
    connection_id: ["string", "Identity of the connection, that of `network_connections`", {
      key: true,
      lookup: true,
    }],
    event_time: ["timestamp", "When the exchange began", { key: true }],
    source_ip: ["string", "Address of the side that asked"],
    source_port: ["integer", "Port of the side that asked", { optional: true }],
    destination_ip: ["string", "Address of the side that answered"],
    destination_port: ["integer", "Port of the side that answered", { optional: true }],
    protocol: ["string", "Protocol, such as `http`, `dns` or `tls`", { key: true }],
    version: ["string", "Version of the protocol", { optional: true }],
    method: ["string", "HTTP method", { optional: true }],
    url: ["string", "URL that was asked for", { key: true, optional: true }],
    status_code: ["integer", "HTTP status", { optional: true }],
    user_agent: ["string", "What the client called itself", { optional: true }],
    content_type: ["string", "Media type of the answer", { optional: true }],
    content_length: ["integer", "Size of the answer's body", { optional: true, unit: "bytes" }],
    server: ["string", "What the server called itself", { optional: true }],
    dns_query: ["string", "Name that was asked for", { key: true, optional: true }],
    dns_response: ["string", "Answers, joined by commas", { optional: true }],
    ssl_version: ["string", "Version of TLS that was agreed on", { optional: true }],
    cipher_suite: ["string", "Cipher suite that was agreed on", { optional: true }],
    certificate_issuer: ["string", "Who issued the server's certificate", { optional: true }],
  },
  examples: [
    "SELECT p.pid, p.name, a.url, a.user_agent FROM processes p JOIN protocol_analysis a ON a.pid = p.pid WHERE a.protocol = 'http' AND a.user_agent LIKE 'curl/%'",
    "SELECT p.pid, p.name, a.dns_query, count(*) AS queries FROM processes p JOIN protocol_analysis a ON a.pid = p.pid WHERE length(a.dns_query) > 100 GROUP BY p.pid, p.name, a.dns_query",
    "SELECT c.pid, c.remote_address, a.ssl_version FROM network_connections c JOIN protocol_analysis a ON a.connection_id = c.connection_id WHERE a.ssl_version IN ('SSLv3', 'TLSv1.0')",
  ],
} as const satisfies TableSpec;
