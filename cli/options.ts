import { dirname, fromFileUrl, join } from "@std/path";
import type { ConfinementPolicy } from "../model/collection.ts";
import type { Settings } from "../config/mod.ts";
import type { Arguments, Flags } from "./command.ts";

/** Flags of commands that work with the store. */
export const STATE_FLAG = {
  state: {
    value: "FILE",
    description: "The store; by default in $XDG_STATE_HOME, as root in /var/lib/daemoneye",
  },
} as const satisfies Flags;

/** Flags of commands that read detections. */
export const DETECTIONS_FLAG = {
  detections: {
    value: "DIR",
    description: "Detections to use instead of the shipped ones",
    repeatable: true,
  },
} as const satisfies Flags;

/** Flags of commands that start collectors. */
export const CONFINEMENT_FLAG = {
  confinement: {
    value: "POLICY",
    description: "How collectors are confined; required refuses to run with less than namespaces",
    choices: ["preferred", "required", "off"],
  },
} as const satisfies Flags;

/** The confinement policy that was asked for, else the configured one. */
export function confinementPolicy(
  args: Arguments,
  { confinement }: Partial<Settings> = {},
): ConfinementPolicy {
  const [given = confinement] = args.values("confinement");
  return (given ?? args.value("confinement")) as ConfinementPolicy;
}

/** Where the store lies: `--state`, else as configured, else the state folder of the user, as root the system's. */
export function statePath(args: Arguments, { state }: Partial<Settings> = {}): string {
  const given = args.value("state") ?? state;
  if (given !== undefined) return given;
  if (Deno.build.os !== "windows" && Deno.uid() === 0) return "/var/lib/daemoneye/state.kv";
  const home = Deno.env.get("XDG_STATE_HOME") ||
    join(Deno.env.get("HOME") ?? ".", ".local", "state");
  return join(home, "daemoneye", "state.kv");
}

/** The repository's own detections. */
export const SHIPPED_DETECTIONS: string = join(
  dirname(dirname(fromFileUrl(import.meta.url))),
  "detections",
);

/** The detections that a command is to use: its words and `--detections`, else the configured, else the shipped ones. */
export function detectionPaths(
  args: Arguments,
  { detections = [SHIPPED_DETECTIONS] }: Partial<Settings> = {},
): readonly string[] {
  const given = [...args.args, ...args.values("detections")];
  return given.length ? given : detections;
}
