import { dirname, join, resolve } from "@std/path";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { pathFault } from "../../diagnostics/path_fault.ts";
import {
  agentUnit,
  firstConfig,
  isCalendarEvent,
  type ServiceFile,
  timerUnits,
} from "../../service/mod.ts";
import { type Arguments, type Command, EXIT, FailedError, UsageError } from "../command.ts";
import { toolkitFolder } from "../init/toolkit.ts";
import type { Io } from "../io.ts";

/** `daemoneye install-service`: files that make systemd run the agent, or scans. */
export const installService: Command = {
  name: "install-service",
  summary: "Write the files that make systemd run the agent, or scans by a timer.",
  usage: "",
  details:
    "An existing configuration stays as it is; units are written anew. Nothing is started. " +
    "For launchd and Windows see docs/deploy.md.",
  flags: {
    "dry-run": { description: "Print the files instead of writing them" },
    root: { value: "DIR", description: "Write below DIR instead of /" },
    timer: { description: "Scans by a timer instead of the agent" },
    calendar: { value: "WHEN", description: "With --timer: when, as systemd.time has it (hourly)" },
    memory: { value: "SIZE", description: "What it may take of memory (1G)" },
    cpu: { value: "PERCENT", description: "What it may take of one processor (50%)" },
    config: { value: "FILE", description: "The configuration (/etc/daemoneye/daemoneye.yaml)" },
  },
  examples: [
    "daemoneye install-service --dry-run",
    "daemoneye install-service --timer --calendar '*-*-* *:00/15:00'",
  ],
  args: { min: 0, max: 0 },
  async run(args, io) {
    if (Deno.build.os !== "linux" && !args.has("dry-run") && args.value("root") === undefined) {
      throw new FailedError("services are written for systemd; docs/deploy.md has other systems");
    }
    const options = {
      deno: Deno.execPath(),
      toolkit: await toolkitFolder(undefined),
      denoDir: denoDir(),
      config: checked(args, "config", /^\/[^\0\n]*$/, "an absolute path") ??
        "/etc/daemoneye/daemoneye.yaml",
      memory: checked(args, "memory", /^[1-9]\d*[KMGT]?$/, "a size such as 512M") ?? "1G",
      cpu: checked(args, "cpu", /^[1-9]\d*%$/, "a share such as 50%") ?? "50%",
      calendar: args.value("calendar") ?? "hourly",
    };
    if (!isCalendarEvent(options.calendar)) {
      throw new UsageError(
        `--calendar ${options.calendar}: it takes a calendar event such as '*-*-* *:00/15:00' or daily`,
      );
    }
    if (args.value("calendar") !== undefined && !args.has("timer")) {
      throw new UsageError("--calendar means nothing without --timer");
    }
    const units = args.has("timer") ? timerUnits(options) : [agentUnit(options)];
    const files = [firstConfig(options), ...units];
    if (args.has("dry-run")) {
      for (const { path, text } of files) io.out(`# ${path}\n${text}\n`);
      return EXIT.done;
    }
    await write(files, resolve(args.value("root") ?? "/"), io);
    const unit = args.has("timer") ? "daemoneye-scan.timer" : "daemoneye.service";
    io.out(`Start it: systemctl daemon-reload && systemctl enable --now ${unit}\n`);
    return EXIT.done;
  },
};

function checked(
  args: Arguments,
  flag: string,
  pattern: RegExp,
  what: string,
): string | undefined {
  const value = args.value(flag);
  if (value === undefined || pattern.test(value)) return value;
  throw new UsageError(`--${flag} ${value}: it takes ${what}`);
}

/** Where Deno has the packages of the toolkit now: the service fetches none. */
function denoDir(): string {
  const home = Deno.env.get("HOME") ?? "/root";
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache");
  return resolve(Deno.env.get("DENO_DIR") || join(cache, "deno"));
}

async function write(files: readonly ServiceFile[], root: string, io: Io): Promise<void> {
  for (const { path, mode, text } of files) {
    const target = join(root, path);
    const isUnit = path.endsWith(".service") || path.endsWith(".timer");
    try {
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.writeTextFile(target, text, { mode, createNew: !isUnit });
    } catch (error) {
      if (!isUnit && error instanceof Deno.errors.AlreadyExists) {
        io.out(`${escapeTerminal(target)} stays as it is\n`);
        continue;
      }
      throw new FailedError(pathFault(target, "written", error));
    }
    io.out(`${escapeTerminal(target)}\n`);
  }
}
