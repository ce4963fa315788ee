import { bracketed } from "../netmond/addresses.ts";
import { inCidr } from "../../dialect/mod.ts";
import type { End } from "./flow.ts";

/** What a `connection_id` says of a socket. */
export interface Ends {
  /** Its protocol. */
  readonly protocol: string;
  /** Its own end; absent where it is bound to no port. */
  readonly local?: End;
  /** The other end; absent where it has no peer. */
  readonly remote?: End;
}

const END = String.raw`(\*|\[[0-9a-f:.]+\](?::\d{1,5})?|\d+(?:\.\d+){3}(?::\d{1,5})?)`;
const ID = new RegExp(`^([a-z]{2,8}) ${END}(?: ${END})?(?: \\S+)?$`);

/** Reads a `connection_id` of `network_connections`; `undefined` for what is none of IP. */
export function parseConnectionId(id: string): Ends | undefined {
  const match = ID.exec(id);
  if (!match) return undefined;
  const local = parseEnd(match[2]!);
  const remote = match[3] === undefined ? undefined : parseEnd(match[3]);
  if (!local && match[2] !== "*" || match[3] !== undefined && !remote) return undefined;
  return { protocol: match[1]!, ...local && { local }, ...remote && { remote } };
}

/** The `connection_id` of a connection whose socket nobody has seen. */
export function connectionIdOf(protocol: string, local: End, remote: End): string {
  return `${protocol} ${endText(local)} ${endText(remote)}`;
}

function endText({ address, port }: End): string {
  return port === null ? address : `${bracketed(address)}:${port}`;
}

function parseEnd(text: string): End | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const port = digits === undefined ? null : Number(digits);
  if (address === undefined || !isAddress(address) || port !== null && port > 65_535) {
    return undefined;
  }
  return { address, port };
}

/** Whether a text is an address of IPv4 or IPv6 and nothing else. */
export function isAddress(text: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(text) && inCidr(text, text) !== null;
}

/** Whether an address is that of all interfaces. */
export function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
