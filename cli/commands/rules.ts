import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { reasonToRest } from "../../engine/rule_health.ts";
import type { Detection } from "../../model/detection.ts";
import type { RuleState } from "../../model/rule_state.ts";
import { type Command, EXIT, formatFlag, UsageError } from "../command.ts";
import { openChanges } from "../control.ts";
import { readDetections } from "../detections.ts";
import type { Io } from "../io.ts";
import { detectionPaths, DETECTIONS_FLAG, STATE_FLAG, statePath } from "../options.ts";
import { plural } from "../plural.ts";
import type { Settings } from "../../config/mod.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
import { openForReading } from "../store.ts";
import type { Arguments } from "../command.ts";

/** `daemoneye rules`: which detections are on, and why one is off. */
export const rules: Command = {
  name: "rules",
  summary: "List detections with their state; switch one on or off on this host.",
  usage: "list | enable RULE… | disable RULE…",
  details: "RULE is a detection's name or id.",
  flags: {
    format: formatFlag("json"),
    reason: { value: "TEXT", description: "With disable: why, shown in the list" },
    ...DETECTIONS_FLAG,
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    "daemoneye rules list",
    "daemoneye rules disable miner_command_line --reason 'benchmark hosts'",
  ],
  args: { min: 1, max: Infinity },
  async run(args, io) {
    const [action, ...names] = args.args;
    const settings = await loadSettings(args, io);
    const detections = await readRules(args, settings, io);
    const path = statePath(args, settings);
    if (action === "list" && names.length === 0) return await list(args, io, detections, path);
    if (action === "enable" || action === "disable") {
      if (names.length === 0) throw new UsageError(`${action} needs the name or id of a detection`);
      const chosen = names.map((name) => choose(name, detections));
      return await set(args, io, chosen, path, settings, action === "enable");
    }
    throw new UsageError(
      `unexpected ${args.args.join(" ")}; it is list, enable RULE or disable RULE`,
    );
  },
};

interface Rule {
  readonly detection: Detection;
  readonly digest: string;
}

async function readRules(
  args: Arguments,
  settings: Settings,
  io: Io,
): Promise<readonly Rule[]> {
  const loaded = await readDetections(detectionPaths({ ...args, args: [] }, settings), io);
  return loaded.flatMap(({ detection, compiled }) =>
    detection ? [{ detection, digest: compiled?.digest ?? "" }] : []
  );
}

function choose(name: string, rules: readonly Rule[]): Rule {
  const rule = rules.find(({ detection }) => detection.name === name || detection.meta.id === name);
  if (rule) return rule;
  throw new UsageError(`there is no detection ${name}; daemoneye rules list shows them`);
}

async function list(
  args: Arguments,
  io: Io,
  rules: readonly Rule[],
  path: string,
): Promise<number> {
  const states = await readStates(path);
  const entries = rules.map(({ detection, digest }) =>
    entry(detection, states.get(detection.meta.id), digest)
  );
  if (args.value("format") === "json") io.out(JSON.stringify({ rules: entries }, null, 2) + "\n");
  else {
    const width = Math.max(...entries.map(({ name }) => name.length));
    for (const { name, enabled, slowed, rests, severity, status, title, reason } of entries) {
      const state = !enabled ? red("off") : slowed || rests ? yellow("on ") : green("on ");
      io.out(
        `${state}  ${bold(escapeTerminal(name).padEnd(width))}  ${severity.padEnd(13)}  ${
          status.padEnd(12)
        }  `,
      );
      io.out(`${escapeTerminal(title)}${reason ? dim(` (${escapeTerminal(reason)})`) : ""}\n`);
    }
  }
  return EXIT.done;
}

/** Without a store nothing was ever switched off. */
async function readStates(path: string): Promise<ReadonlyMap<string, RuleState>> {
  using store = await openForReading(path, "rules");
  return new Map((await store?.ruleStates() ?? []).map((state) => [state.rule_id, state]));
}

function entry({ name, file, meta }: Detection, state: RuleState | undefined, digest: string) {
  const current = state && (state.digest === digest || state.enabled === false) ? state : undefined;
  const enabled = meta.enabled && (current?.enabled ?? true);
  const rests = current && enabled ? reasonToRest(current, Date.now()) : undefined;
  const missed = enabled ? current?.missed : undefined;
  const reason = !meta.enabled
    ? "switched off in its file"
    : enabled
    ? withMissed(rests ?? current?.slowed?.reason, missed)
    : current?.disabled_reason;
  return {
    rule_id: meta.id,
    name,
    title: meta.title,
    severity: meta.severity,
    status: meta.status,
    enabled,
    ...(reason && { reason }),
    ...(enabled && current?.slowed && { slowed: current.slowed.factor }),
    ...(rests && { rests: true }),
    ...(missed !== undefined && { missed }),
    failures: current?.failures ?? 0,
    ...(current?.retry_after !== undefined && { retry_after: current.retry_after }),
    file,
  };
}

function withMissed(reason: string | undefined, missed: number | undefined): string | undefined {
  if (missed === undefined) return reason;
  const told = `${plural(missed, "event")} of it not judged`;
  return reason === undefined ? told : `${reason}; ${told}`;
}

async function set(
  args: Arguments,
  io: Io,
  chosen: readonly Rule[],
  path: string,
  { audit }: Settings,
  enabled: boolean,
): Promise<number> {
  const tell = (text: string) => io.err(escapeTerminal(text));
  await using store = await openChanges(path, "rules", tell, audit);
  for (const { detection, digest } of chosen) {
    const reason = args.value("reason") ?? "switched off by an operator";
    await store.setRuleState({
      rule_id: detection.meta.id,
      enabled,
      failures: 0,
      digest,
      ...(!enabled && { disabled_reason: reason, disabled_by: "operator" as const }),
    });
    io.out(`${escapeTerminal(detection.name)} is ${enabled ? "on" : "off"}\n`);
  }
  return EXIT.done;
}
