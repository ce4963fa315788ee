import { dirname, join, resolve } from "@std/path";
import { readSettings, type Settings } from "../config/mod.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { pathFault } from "../diagnostics/path_fault.ts";
import type { SourceText } from "../diagnostics/source.ts";
import { renderText } from "../diagnostics/text.ts";
import { type Arguments, type Flags, UsageError } from "./command.ts";
import type { Io } from "./io.ts";
import { statePath } from "./options.ts";

/** The flag of commands that do what is configured. */
export const CONFIG_FLAG = {
  config: {
    value: "FILE",
    description: "The configuration; by default daemoneye.yaml in $XDG_CONFIG_HOME/daemoneye, " +
      "as root in /etc/daemoneye, where there is one",
  },
} as const satisfies Flags;

/** What is configured. */
export interface Configured {
  /** `null` where there are faults. */
  readonly settings: Settings | null;
  /** The file, where there is one. */
  readonly file: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that diagnostics are about, by their name. */
  readonly sources: ReadonlyMap<string, SourceText>;
}

/**
 * Reads what is configured, by a file and by environment variables.
 *
 * @throws {UsageError} where the file that was asked for cannot be read
 */
export async function readConfigured(args: Arguments): Promise<Configured> {
  const asked = args.value("config") ?? (Deno.env.get("DAEMONEYE_CONFIG") || undefined);
  const file = asked ?? defaultFile();
  const text = await readText(file, asked !== undefined);
  const read = readSettings(text ?? "", file, (name) => Deno.env.get(name));
  const { settings, variables } = read;
  const beside = (variable: string, path: string) =>
    resolve(variables.includes(variable) ? "." : dirname(file), path);
  return {
    ...read,
    file: text === undefined ? undefined : file,
    settings: settings && {
      ...settings,
      ...(settings.state !== undefined && { state: beside("DAEMONEYE_STATE", settings.state) }),
      ...(settings.detections && {
        detections: settings.detections.map((path) => beside("DAEMONEYE_DETECTIONS", path)),
      }),
    },
  };
}

/**
 * The settings for a command; faults are shown.
 *
 * @throws {UsageError} where there are any
 */
export async function loadSettings(args: Arguments, io: Io): Promise<Settings> {
  const configured = await readConfigured(args);
  for (const one of renderFaults(configured)) io.err(one + "\n");
  if (configured.settings) return configured.settings;
  throw new UsageError(`${configured.file ?? "the environment"} cannot be used as configuration`);
}

/** Faults of a configuration, as a person reads them. */
export function renderFaults({ diagnostics, sources }: Configured): string[] {
  return diagnostics.map((one) => {
    // Somebody may have written a secret there.
    const shown = one.message.includes("`sinks") ? undefined : sources.get(one.file);
    return renderText(one, shown);
  });
}

async function readText(file: string, wanted: boolean): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !wanted) return undefined;
    const missing = error instanceof Deno.errors.NotFound;
    throw new UsageError(
      missing ? `${file} does not exist` : pathFault(file, "read", error),
    );
  }
}

function defaultFile(): string {
  if (Deno.build.os !== "windows" && Deno.uid() === 0) return "/etc/daemoneye/daemoneye.yaml";
  const home = Deno.env.get("XDG_CONFIG_HOME") || join(Deno.env.get("HOME") ?? ".", ".config");
  return join(home, "daemoneye", "daemoneye.yaml");
}

/** The file of the store that flags, environment and configuration name. */
export async function storePath(args: Arguments, io: Io): Promise<string> {
  return statePath(args, await loadSettings(args, io));
}
