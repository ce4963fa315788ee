import type { CollectorPermissions } from "./collector.ts";

/** Permissions in words, one each. */
export function permissionsInWords(
  { proc, read = [], run = [], sys = [], trace = [], network, ffi }: CollectorPermissions,
): string[] {
  return [
    ...(proc === "look" ? ["look at processes, without opening what their links lead to"] : []),
    ...(proc === "follow" ? ["look at processes and open the files that they run"] : []),
    ...read.map((path) => `read ${path}`),
    ...run.map((path) => `run ${path}`),
    ...sys.map((name) => `ask the system for ${name}`),
    ...trace.map((event) => `be told of ${event} by the kernel`),
    ...(network ? ["stand in the host's network, without connecting to anything"] : []),
    ...(ffi ? ["call the C library, and so the kernel"] : []),
  ];
}
