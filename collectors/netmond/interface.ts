import type { network_interfaces } from "../../profiles/network_interfaces.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { Failure } from "../proc/files.ts";
import { netmaskLike } from "./addresses.ts";
import { counterOf, type Device, deviceStatistics, sinceBefore } from "./devices.ts";
import { type Link, LINK_COLUMNS } from "./links.ts";
import type { Stack } from "./stack.ts";
import type { TABLES } from "./tables.ts";

type InterfaceRow = Row<typeof network_interfaces, "linux">;

/** Columns of an interface's own; those of its namespace are read elsewhere. */
type OwnRow = Omit<InterfaceRow, keyof typeof TABLES | `tcp_${string}`>;

/** The row of an interface; `before` is what its counters were at the previous reading. */
export function interfaceReading(
  { namespace, container_id, links, addressing, membership, shared }: Stack,
  device: Device,
  before: Device | undefined,
): Reading {
  const { name } = device;
  const gaps: { -readonly [C in keyof InterfaceRow]?: GapReason } = {};
  const addresses = addressing.of.get(name) ?? [];
  const link = links?.get(name);
  const lacking = [
    ...link ? [] : LINK_COLUMNS,
    ...addressing.vague ? ["ip_networks"] as const : [],
    ...addressing.vague && addresses.length === 0 ? FIRST_ADDRESS : [],
  ];
  for (const column of lacking) gaps[column] = "not_collected";
  if (namespace.id === null) gaps.namespace_id = "denied";

  /** The value, or NULL with the reason why it could not be read. */
  const given = <T>(value: T | Failure, column: string): T | null => {
    if (!(value instanceof Failure)) return value;
    gaps[column as keyof InterfaceRow] = value.reason === "gone" ? "not_collected" : value.reason;
    return null;
  };
  const [first] = addresses;
  const row: OwnRow = {
    ...(link ?? UNKNOWN),
    interface_name: name,
    ...counters(device),
    ip_networks: addressing.vague
      ? null
      : JSON.stringify(addresses.map(({ address, prefix }) => `${address}/${prefix}`)),
    address: first?.address ?? null,
    broadcast: first?.broadcast ?? null,
    netmask: first ? netmaskLike(first.address, first.prefix) : null,
    ...differences(device, before),
    namespace_id: namespace.id,
    container_id,
    vlan_id: given(member(membership.vlans, name), "vlan_id"),
    bond_master: given(member(membership.bonds, name), "bond_master"),
    net_dev_stats: deviceStatistics(device),
  };
  const cells: Record<string, Cell> = row;
  for (const [column, value] of Object.entries(shared)) cells[column] = given(value, column);
  return { row: cells, gaps };
}

/** Columns that show the first address. */
const FIRST_ADDRESS = ["address", "broadcast", "netmask"] as const;

/** What is not known of an interface that /sys does not show. */
const UNKNOWN: Link = {
  interface_type: null,
  status: "unknown",
  mac_address: null,
  mtu: null,
  speed: null,
  duplex: null,
  carrier: null,
  operstate: null,
  link_mode: null,
  promiscuous: null,
  platform_data: null,
};

function member<T>(members: ReadonlyMap<string, T> | Failure, name: string): T | null | Failure {
  return members instanceof Failure ? members : members.get(name) ?? null;
}

/** Where the counters stand in the lists of a device. */
const [BYTES, PACKETS, ERRORS, DROPPED] = [0, 1, 2, 3] as const;

function counters({ receive, transmit }: Device) {
  return {
    bytes_received: counterOf(receive[BYTES]!),
    packets_received: counterOf(receive[PACKETS]!),
    errors_received: counterOf(receive[ERRORS]!),
    drops_received: counterOf(receive[DROPPED]!),
    bytes_sent: counterOf(transmit[BYTES]!),
    packets_sent: counterOf(transmit[PACKETS]!),
    errors_sent: counterOf(transmit[ERRORS]!),
    drops_sent: counterOf(transmit[DROPPED]!),
  };
}

function differences({ receive, transmit }: Device, before: Device | undefined) {
  const received = (at: number) => before ? sinceBefore(receive[at]!, before.receive[at]!) : null;
  const sent = (at: number) => before ? sinceBefore(transmit[at]!, before.transmit[at]!) : null;
  return {
    rx_bytes: received(BYTES),
    rx_packets: received(PACKETS),
    rx_errors: received(ERRORS),
    rx_dropped: received(DROPPED),
    tx_bytes: sent(BYTES),
    tx_packets: sent(PACKETS),
    tx_errors: sent(ERRORS),
    tx_dropped: sent(DROPPED),
  };
}
