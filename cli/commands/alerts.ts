import { SEVERITIES } from "../../model/detection.ts";
import { type Arguments, type Command, formatFlag, UsageError } from "../command.ts";
import type { Io } from "../io.ts";
import { STATE_FLAG } from "../options.ts";
import { CONFIG_FLAG } from "../settings.ts";
import { acknowledge, exportAlerts, list, retry, show } from "./alerts_actions.ts";
import { listUndelivered } from "./alerts_undelivered.ts";

/** What an action does with the words after it, and which flags it heeds. */
interface Action {
  readonly run: (args: Arguments, io: Io, ids: readonly string[]) => Promise<number>;
  readonly ids: "none" | "some" | "any";
  readonly flags: readonly string[];
}

const QUERY = ["since", "severity", "rule", "limit"];

const ACTIONS: Readonly<Record<string, Action>> = {
  list: {
    run: (args, io) => args.has("undelivered") ? listUndelivered(args, io) : list(args, io),
    ids: "none",
    flags: ["format", "undelivered", "sink", ...QUERY],
  },
  show: { run: show, ids: "some", flags: ["format"] },
  ack: { run: acknowledge, ids: "some", flags: ["note"] },
  export: { run: exportAlerts, ids: "none", flags: ["format", "out", ...QUERY] },
  retry: { run: retry, ids: "any", flags: ["sink"] },
};

/** `daemoneye alerts`: the alerts that the store keeps. */
export const alerts: Command = {
  name: "alerts",
  summary:
    "List stored alerts, oldest first; show, acknowledge and export them, deliver them again.",
  usage: "list | show ID… | ack ID… | export | retry [ID…]",
  details:
    "retry puts alerts that sinks did not take back into their outboxes: those with an ID, " +
    "those of --sink, or all. The agent delivers them.",
  flags: {
    format: formatFlag("json", "csv"),
    since: {
      value: "TIME",
      description: "Only alerts from then on: ISO time, or a duration back such as 2h",
    },
    severity: {
      value: "LEVEL",
      description: "Only this severity and worse",
      choices: ["any", ...SEVERITIES],
    },
    rule: { value: "ID", description: "Only alerts of this detection" },
    limit: { value: "N", description: "At most so many, the newest" },
    undelivered: {
      description: "With list: what sinks still have to be told, and what they did not take",
    },
    sink: { value: "NAME", description: "With list --undelivered and retry: of this sink" },
    note: { value: "TEXT", description: "With ack: what was found" },
    out: { value: "FILE", description: "With export: a new file instead of standard output" },
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    "daemoneye alerts list --since 24h",
    "daemoneye alerts list --severity high --format json",
    "daemoneye alerts list --undelivered",
    "daemoneye alerts retry --sink webhook",
    "daemoneye alerts export --since 7d --format csv --out alerts.csv",
  ],
  args: { min: 1, max: Infinity },
  async run(args, io) {
    const [name = "", ...ids] = args.args;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name]! : undefined;
    if (!action) {
      throw new UsageError(`unexpected ${name}; it is ${Object.keys(ACTIONS).join(", ")}`);
    }
    if (action.ids === "none" && ids.length > 0) throw new UsageError(`unexpected ${ids[0]}`);
    if (action.ids === "some" && ids.length === 0) {
      throw new UsageError(
        `${name} needs the id of an alert; alerts list shows them`,
      );
    }
    const idle = ["undelivered", "sink", "note", "out", ...QUERY]
      .find((flag) => isGiven(args, flag) && !action.flags.includes(flag));
    if (idle) throw new UsageError(`--${idle} means nothing to alerts ${name}`);
    return await action.run(args, io, ids);
  },
};

function isGiven(args: Arguments, flag: string): boolean {
  if (flag === "undelivered") return args.has(flag);
  const value = args.value(flag);
  return value !== undefined && !(flag === "severity" && value === "any");
}
