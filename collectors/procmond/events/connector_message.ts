/** A message of the process connector (linux/cn_proc.h): what a task did. Ids of tasks and of their processes. */
export type ConnectorEvent =
  & {
    /** The processor that it happened on. */
    readonly cpu: number;
    /** Counts the messages of that processor, modulo 2^32. */
    readonly seq: number;
    /** ms since the start of the host, sleep not included. */
    readonly at: number;
  }
  & (
    | {
      readonly event: "fork";
      readonly parent: number;
      readonly tid: number;
      readonly pid: number;
    }
    | { readonly event: "exec"; readonly tid: number; readonly pid: number }
    | {
      readonly event: "exit";
      readonly tid: number;
      readonly pid: number;
      readonly status: number;
    }
    | { readonly event: "other" }
  );

/** `CN_IDX_PROC` and `CN_VAL_PROC` of linux/connector.h. */
export const CN_PROC = 1;

const NLMSG_DONE = 3;
const NETLINK_HEADER = 16;
const CONNECTOR_HEADER = 20;
const EVENT_HEADER = 16;

const FORK = 0x1;
const EXEC = 0x2;
const EXIT = 0x8000_0000;

/** The message that asks to be told, or not to be told any more, of what happens to processes. */
export function connectorRequest(listen: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(NETLINK_HEADER + CONNECTOR_HEADER + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, NLMSG_DONE, true);
  view.setUint32(16, CN_PROC, true);
  view.setUint32(20, CN_PROC, true);
  view.setUint16(32, 4, true);
  // PROC_CN_MCAST_LISTEN and PROC_CN_MCAST_IGNORE
  view.setUint32(36, listen ? 1 : 2, true);
  return bytes;
}

/** Reads the messages in a datagram; those that are cut short or of something else are left out. */
export function parseConnectorMessages(bytes: Uint8Array): ConnectorEvent[] {
  const events: ConnectorEvent[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start + NETLINK_HEADER <= view.byteLength;) {
    const length = view.getUint32(start, true);
    if (length < NETLINK_HEADER || start + length > view.byteLength) break;
    const event = parseMessage(view, start, length);
    if (event) events.push(event);
    start += length + 3 & ~3;
  }
  return events;
}

function parseMessage(view: DataView, start: number, length: number): ConnectorEvent | undefined {
  const connector = start + NETLINK_HEADER;
  const header = connector + CONNECTOR_HEADER;
  const data = header + EVENT_HEADER;
  const end = start + length;
  if (data > end || view.getUint32(connector, true) !== CN_PROC) return undefined;
  const field = (index: number) => view.getUint32(data + 4 * index, true);
  const has = (fields: number) => data + 4 * fields <= end;
  const common = {
    seq: view.getUint32(connector + 8, true),
    cpu: view.getUint32(header + 4, true),
    at: Number(view.getBigUint64(header + 8, true)) / 1e6,
  };
  const what = view.getUint32(header, true);
  if (what === FORK && has(4)) {
    return { ...common, event: "fork", parent: field(1), tid: field(2), pid: field(3) };
  }
  if (what === EXEC && has(2)) return { ...common, event: "exec", tid: field(0), pid: field(1) };
  if (what === EXIT && has(3)) {
    return { ...common, event: "exit", tid: field(0), pid: field(1), status: field(2) };
  }
  return { ...common, event: "other" };
}
