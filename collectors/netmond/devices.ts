/** Counters of an interface, as digits: they may be larger than numbers are exact. */
export interface Device {
  /** Name of the interface. */
  readonly name: string;
  /** What arrived, in the order of {@linkcode RECEIVE}. */
  readonly receive: readonly string[];
  /** What was sent, in the order of {@linkcode TRANSMIT}. */
  readonly transmit: readonly string[];
}

const RECEIVE = [
  ...["bytes", "packets", "errors", "dropped", "fifo", "frame", "compressed", "multicast"] as const,
];
const TRANSMIT = [
  ...[
    "bytes",
    "packets",
    "errors",
    "dropped",
    "fifo",
    "collisions",
    "carrier",
    "compressed",
  ] as const,
];

const LINE = /^ *([^\s:]+): *((?:(?:0|[1-9]\d{0,19}) +){15}(?:0|[1-9]\d{0,19})) *$/;

/**
 * Reads a line of `/proc/<pid>/net/dev` (proc_pid_net(5)); `undefined` for headings and for what is no such line. Names
 * hold neither white space nor colons, whoever chooses them (`dev_valid_name()` of the kernel).
 */
export function parseDeviceLine(line: string): Device | undefined {
  const [, name, rest] = LINE.exec(line) ?? [];
  if (rest === undefined) return undefined;
  const digits = rest.split(/ +/);
  return { name: name!, receive: digits.slice(0, 8), transmit: digits.slice(8) };
}

/** All counters as JSON. */
export function deviceStatistics({ receive, transmit }: Device): string {
  const part = (names: readonly string[], digits: readonly string[]) =>
    names.map((name, index) => `"${name}":${digits[index]}`).join(",");
  return `{"receive":{${part(RECEIVE, receive)}},"transmit":{${part(TRANSMIT, transmit)}}}`;
}

const LARGEST = 2n ** 63n - 1n;

/** One of the counters; NULL where it is larger than a column can hold. */
export function counterOf(digits: string): number | bigint | null {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(digits);
  return exact <= LARGEST ? exact : null;
}

/** The counters of two readings' difference; NULL where the interface began anew meanwhile. */
export function sinceBefore(now: string, before: string): number | bigint | null {
  const difference = BigInt(now) - BigInt(before);
  return difference < 0n ? null : counterOf(difference.toString());
}
