import { dirname, fromFileUrl, join } from "@std/path";
import type { ConfinementPolicy } from "../model/collection.ts";
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

/** The confinement policy that was asked for. */
export function confinementPolicy(args: Arguments): ConfinementPolicy {
  return args.value("confinement") as ConfinementPolicy;
}

/** Where the store lies: `--state`, else the state folder of the user, as root the system's. */
export function statePath(args: Arguments): string {
  const given = args.value("state");
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

/** The detections that a command is to use: its words, else `--detections`, else the shipped ones. */
export function detectionPaths(args: Arguments): readonly string[] {
  const given = [...args.args, ...args.values("detections")];
  return given.length ? given : [SHIPPED_DETECTIONS];
}
