import type { TaskKeys } from "../../../model/collection.ts";
import type { Predicate } from "../../../model/predicate.ts";
import { possibleValues } from "../../netmond/wanted.ts";
import { type Ends, isAddress, isAny, parseConnectionId } from "../connection_id.ts";

/** All that can become a row. */
const EVERYTHING = "(ip or ip6)";

/** Parts of packets but the first have no ports. */
const PARTS = "(ip[6:2] & 0x1fff != 0 or ip6[6] = 44)";

/** Protocols that a filter knows by name, and that have ports. */
const NAMED: ReadonlySet<string> = new Set(["tcp", "udp"]);

/**
 * The filter, in the language of pcap-filter(7), of the packets that a task can need; `undefined` where there are none. It
 * is made of constants, and of numbers and addresses that were read as such: no text of a key gets into it.
 */
export function filterOf(keys: TaskKeys, where: Predicate | undefined): string | undefined {
  const wanted = ofKeys(keys);
  if (wanted === undefined) return undefined;
  const narrowed = [
    ...hosts(possibleValues(where, "source_ip")),
    ...hosts(possibleValues(where, "destination_ip")),
    ...ports(possibleValues(where, "source_port")),
    ...ports(possibleValues(where, "destination_port")),
  ];
  return [wanted, ...narrowed].join(" and ");
}

function ofKeys({ column, values = [], globs = [] }: TaskKeys): string | undefined {
  // Which ports a process will use nobody knows beforehand, and a pattern is none of addresses.
  if (column === "pid") return EVERYTHING;
  if (globs.length > 0) {
    const protocol = /^(tcp|udp) /.exec(globs[0]!)?.[1];
    const all = column === "connection_id" && values.length === 0 && protocol !== undefined &&
      globs.every((pattern) => pattern.startsWith(`${protocol} `));
    return all ? anyOf([protocol, PARTS]) : EVERYTHING;
  }
  const parts = column === "connection_id"
    ? values.flatMap((value) => ofConnection(parseConnectionId(String(value))))
    : values.map(String).filter(isAddress).map((address) => `host ${address}`);
  return parts.length > 0 ? anyOf([...new Set(parts)]) : undefined;
}

function ofConnection(ends: Ends | undefined): readonly string[] {
  const port = ends?.local?.port ?? null;
  if (!ends?.local || !NAMED.has(ends.protocol) || port === null) return [];
  const { protocol, local, remote } = ends;
  const addresses = [local, ...remote ? [remote] : []].map(({ address }) => address)
    .filter((address) => !isAny(address));
  const numbers = [`port ${port}`, ...remote?.port != null ? [`port ${remote.port}`] : []];
  const both = anyOf([`(${numbers.join(" and ")})`, PARTS]);
  return [`(${[protocol, ...addresses.map((address) => `host ${address}`), both].join(" and ")})`];
}

function hosts(values: ReadonlySet<string> | undefined): string[] {
  const addresses = [...values ?? []].filter(isAddress);
  if (addresses.length === 0 || addresses.length < values!.size) return [];
  return [anyOf(addresses.map((address) => `host ${address}`))];
}

function ports(values: ReadonlySet<string> | undefined): string[] {
  const numbers = [...values ?? []].filter((text) =>
    /^\d{1,5}$/.test(text) && Number(text) < 65536
  );
  if (numbers.length === 0 || numbers.length < values!.size) return [];
  return [anyOf([...numbers.map((number) => `port ${number}`), PARTS])];
}

function anyOf(parts: readonly string[]): string {
  return `(${parts.join(" or ")})`;
}
