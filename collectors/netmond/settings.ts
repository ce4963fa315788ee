import { linux } from "../../profiles/extensions/network_interfaces.ts";
import type { Cell } from "../../schema/batch.ts";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";

/** Reads a setting of the network stack from its text. */
type Parse = (text: string) => Cell;

/** Columns whose setting has another name or form than {@linkcode settingOf} takes for granted. */
const SPECIAL: Readonly<Record<string, { readonly file?: string; readonly parse: Parse }>> = {
  tcp_mem: {
    parse(text) {
      const [, low, pressure, high] = /^(\d+)\s+(\d+)\s+(\d+)$/.exec(text) ?? [];
      return high === undefined ? null : `{"low":${low},"pressure":${pressure},"high":${high}}`;
    },
  },
  tcp_congestion: { file: "tcp_congestion_control", parse: (text) => text },
  // One bit for each side; others say what counts as a cookie.
  tcp_fastopen: { parse: (text) => (Number(text) & 3) !== 0 },
};

const integer: Parse = (text) => /^-?\d{1,15}$/.test(text) ? Number(text) : null;
const boolean: Parse = (text) => /^-?\d+$/.test(text) ? Number(text) !== 0 : null;

/** Columns of `network_interfaces` that are settings below `/proc/sys/net/ipv4` (ip-sysctl of the kernel). */
export const SETTINGS: readonly string[] = Object.keys(linux).filter((name) =>
  name.startsWith("tcp_") && name !== "tcp_connections"
);

/** The file below `/proc/sys/net/ipv4` that a column stands for. */
export function settingFile(column: string): string {
  return SPECIAL[column]?.file ?? column;
}

/**
 * Reads settings of the network namespace in which this process lives: the kernel shows nobody those of another one. One
 * that this kernel does not have is NULL.
 */
export function readSettings(
  files: ProcFiles,
  columns: readonly string[],
): Readonly<Record<string, Cell | Failure>> {
  return Object.fromEntries(columns.map((column) => {
    const bytes = files.read(`sys/net/ipv4/${settingFile(column)}`);
    if (bytes instanceof Failure) return [column, bytes === Failure.GONE ? null : bytes];
    const [type] = linux[column as keyof typeof linux];
    const parse = SPECIAL[column]?.parse ?? (type === "boolean" ? boolean : integer);
    return [column, parse(decode(bytes).trim())];
  }));
}
