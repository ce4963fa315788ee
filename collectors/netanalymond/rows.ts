import type { network_traffic } from "../../profiles/network_traffic.ts";
import type { protocol_analysis } from "../../profiles/protocol_analysis.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import type { Exchange } from "./exchange.ts";
import type { Flow } from "./flow.ts";
import type { Party } from "./parties.ts";

type TrafficRow = Row<typeof network_traffic, "linux">;
type AnalysisRow = Row<typeof protocol_analysis, "linux">;

/** A flow as a row of `network_traffic`, as a party of it sees it. */
export function trafficRow(flow: Flow, party: Party, now: number): TrafficRow {
  const { source, destination, transport, application } = flow;
  return {
    connection_id: party.connection_id,
    protocol: application ?? transport,
    source_ip: source.address,
    source_port: source.port,
    destination_ip: destination.address,
    destination_port: destination.port,
    packet_count: flow.packets,
    bytes_transferred: flow.bytes,
    start_time: Math.floor(flow.start),
    end_time: flow.closed ? Math.floor(flow.latest) : null,
    duration: Math.round((flow.latest - flow.start) / 1000),
    direction: party.side === 0 ? "outbound" : "inbound",
    analysis_time: now,
    platform_data: application === undefined ? null : JSON.stringify({ transport }),
  };
}

/**
 * An exchange as a row of `protocol_analysis`, as a party of it sees it. Where the end is this host's and its process was
 * not found, because its socket was gone before anybody looked, that is said.
 */
export function analysisReading(exchange: Exchange, party: Party, isHere: boolean): Reading {
  const { flow, time, protocol, more } = exchange;
  const row: AnalysisRow = {
    pid: party.pid,
    process_key: party.process_key,
    connection_id: party.connection_id,
    event_time: Math.floor(time),
    source_ip: flow.source.address,
    source_port: flow.source.port,
    destination_ip: flow.destination.address,
    destination_port: flow.destination.port,
    protocol,
    version: exchange.version ?? null,
    method: exchange.method ?? null,
    url: exchange.url ?? null,
    status_code: exchange.status_code ?? null,
    user_agent: exchange.user_agent ?? null,
    content_type: exchange.content_type ?? null,
    content_length: exchange.content_length ?? null,
    server: exchange.server ?? null,
    dns_query: exchange.dns_query ?? null,
    dns_response: exchange.dns_response ?? null,
    ssl_version: exchange.ssl_version ?? null,
    cipher_suite: exchange.cipher_suite ?? null,
    certificate_issuer: exchange.certificate_issuer ?? null,
    platform_data: JSON.stringify({ end: party.side === 0 ? "source" : "destination", ...more }),
  };
  if (party.pid !== null || !isHere) return { row };
  return { row, gaps: { pid: "not_collected", process_key: "not_collected" } };
}
