import type { Platform } from "../../schema/types.ts";
import type { CollectorDeclaration, CollectorPermissions } from "./collector.ts";

/** What the process of a collector may do on a platform. */
export function permissionsOn(
  { permissions, permissionsOn }: CollectorDeclaration,
  platform: Platform,
): CollectorPermissions {
  return permissionsOn?.[platform] ?? permissions;
}

/** Permissions in words, one each. */
export function permissionsInWords(
  {
    proc,
    files,
    read = [],
    capture,
    run = [],
    runIfPresent = [],
    tools = [],
    env,
    sys = [],
    trace = [],
    fileEvents,
    network,
    packets,
    secrets,
    ffi,
  }: CollectorPermissions,
): string[] {
  return [
    ...(proc === "look" ? ["look at processes, without opening what their links lead to"] : []),
    ...(proc === "follow" ? ["look at processes and open the files that they run"] : []),
    ...(files ? ["read every file, without changing or running any"] : []),
    ...read.map((path) => `read ${path}`),
    ...(capture === undefined ? [] : [`read ${capture}`]),
    ...run.map((path) => `run ${path}`),
    ...runIfPresent.map((path) => `run ${path} where there is one`),
    ...tools.map((path) => `run ${path} as the host has it, unconfined`),
    ...(env ? ["read its environment"] : []),
    ...sys.map((name) => `ask the system for ${name}`),
    ...trace.map((event) => `be told of ${event} by the kernel`),
    ...(fileEvents ? ["be told by the kernel what happens to files, and how they are then"] : []),
    ...(network ? ["stand in the host's network, without connecting to anything"] : []),
    ...(packets ? ["read the packets of its network, by a program that it runs"] : []),
    ...(secrets ? ["tell what it finds in the memory of processes whole"] : []),
    ...(ffi ? ["call the C library, and so the kernel"] : []),
  ];
}
