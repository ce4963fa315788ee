import type { logins } from "../../profiles/logins.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure } from "../proc/files.ts";
import type { Host } from "./host.ts";

/** A row of `logins`. */
export type Login = Omit<Row<typeof logins, "linux">, "platform_data">;

/** Bytes of `struct utmp` of glibc on 64-bit Linux (utmp(5)); the same on 32-bit, for compatibility. */
const SIZE = 384;
/** Kinds of records (utmp(5)). */
const [RUN_LEVEL, BOOT_TIME, USER_PROCESS, DEAD_PROCESS] = [1, 2, 7, 8];

/** A record of utmp, wtmp or btmp. */
export interface LoginRecord {
  readonly kind: number;
  readonly pid: number;
  readonly line: string;
  readonly id: string;
  readonly user: string;
  readonly host: string;
  readonly session: number;
  /** ms since the epoch. */
  readonly time: number;
  /** `null` where there is none. */
  readonly address: string | null;
}

/** Reads the records of utmp(5); what is left at the end is no record. */
export function* parseRecords(bytes: Uint8Array): Generator<LoginRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) => {
    const field = bytes.subarray(at, at + length);
    const end = field.indexOf(0);
    return decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let at = 0; at + SIZE <= bytes.length; at += SIZE) {
    const seconds = view.getUint32(at + 340, true);
    yield {
      kind: view.getInt16(at, true),
      pid: view.getInt32(at + 4, true),
      line: text(at + 8, 32),
      id: text(at + 40, 4),
      user: text(at + 44, 32),
      host: text(at + 76, 256),
      session: view.getInt32(at + 336, true),
      time: seconds * 1000 + Math.trunc(view.getUint32(at + 344, true) / 1000) % 1000,
      address: addressOf(bytes.subarray(at + 348, at + 364)),
    };
  }
}

/** Four bytes of IPv4 and zeros, or sixteen of IPv6. */
function addressOf(bytes: Uint8Array): string | null {
  if (bytes.every((byte) => byte === 0)) return null;
  if (bytes.subarray(4).every((byte) => byte === 0)) return bytes.subarray(0, 4).join(".");
  const words = Array.from(
    { length: 8 },
    (_, index) => (bytes[2 * index]! << 8 | bytes[2 * index + 1]!).toString(16),
  );
  const longest = words.join(":").match(/\b0(?::0)+\b/g)?.reduce((one, other) =>
    other.length > one.length ? other : one
  );
  const text = words.join(":");
  if (longest === undefined) return text;
  const at = text.search(new RegExp(`\\b${longest}\\b`));
  return `${text.slice(0, at).replace(/:$/, "")}::${
    text.slice(at + longest.length).replace(/^:/, "")
  }`;
}

/** Sessions of wtmp and utmp, and failed attempts of btmp; oldest first. */
export function* readLogins(host: Host): Generator<Reading> {
  const open = new Map<string, LoginRecord>();
  const current = new Set<string>();
  const rowOf = (
    record: LoginRecord,
    type: Login["login_type"],
    logout: number | null,
    active: boolean,
  ): Reading => {
    const row: Login = {
      login_id: `${type}:${record.user}:${record.line}:${record.pid}:${record.time}`,
      login_type: type,
      user_name: record.user || null,
      terminal: record.line && record.line !== "~" ? record.line : null,
      remote_host: record.host || null,
      remote_address: record.address,
      pid: record.pid > 0 ? record.pid : null,
      process_key: null,
      login_time: record.time,
      logout_time: logout,
      active,
      session_id: record.session > 0 ? String(record.session) : null,
    };
    return { row };
  };
  const kindOf = ({ host, address, line }: LoginRecord): Login["login_type"] =>
    address !== null || (host !== "" && !host.startsWith(":"))
      ? "remote"
      : line === ""
      ? "service"
      : "interactive";

  for (const record of recordsOf(host, ["/run/utmp", "/var/run/utmp"])) {
    if (record.kind === USER_PROCESS) current.add(`${record.line} ${record.pid}`);
  }
  for (const record of recordsOf(host, ["/var/log/wtmp"])) {
    const { kind, line, time, user } = record;
    if (kind === BOOT_TIME || (kind === RUN_LEVEL && user === "shutdown")) {
      // Nobody is left over from before.
      for (const before of open.values()) yield rowOf(before, kindOf(before), time, false);
      open.clear();
      yield rowOf(record, kind === BOOT_TIME ? "boot" : "shutdown", null, false);
    } else if (kind === USER_PROCESS || kind === DEAD_PROCESS) {
      const before = open.get(line);
      open.delete(line);
      if (before) yield rowOf(before, kindOf(before), time, false);
      if (kind === USER_PROCESS) open.set(line, record);
    }
  }
  for (const record of open.values()) {
    yield rowOf(record, kindOf(record), null, current.has(`${record.line} ${record.pid}`));
  }
  for (const record of recordsOf(host, ["/var/log/btmp"])) {
    yield rowOf(record, "failed", record.time, false);
  }
}

/** Records of the first of these files that there is. */
function* recordsOf(host: Host, paths: readonly string[]): Generator<LoginRecord> {
  for (const path of paths) {
    const bytes = host.bytes(path);
    if (bytes instanceof Failure) {
      // Says why, where it is there.
      host.text(path);
      continue;
    }
    yield* parseRecords(bytes);
    return;
  }
}
