import { parseDuration, parseTime } from "../../testing/time.ts";
import { SEVERITIES, type Severity } from "../../model/detection.ts";
import { renderAlert, type StdoutFormat } from "../../sinks/stdout.ts";
import { type Arguments, type Command, EXIT, formatFlag, UsageError } from "../command.ts";
import type { AlertQuery } from "../../store/mod.ts";
import { STATE_FLAG, statePath } from "../options.ts";
import { openForReading } from "../store.ts";

/** `daemoneye alerts`: the alerts that the store keeps. */
export const alerts: Command = {
  name: "alerts",
  summary: "List stored alerts, oldest first.",
  usage: "list",
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
    ...STATE_FLAG,
  },
  examples: [
    "daemoneye alerts list --since 24h",
    "daemoneye alerts list --severity high --format json",
  ],
  args: { min: 1, max: 1 },
  async run(args, io) {
    if (args.args[0] !== "list") {
      throw new UsageError(`unexpected ${args.args[0]}; it is alerts list`);
    }
    const query = readQuery(args);
    using store = await openForReading(statePath(args), "alerts");
    if (!store) return EXIT.done;
    // The newest are wanted, and shown in the order in which they came.
    const chosen = await Array.fromAsync(store.alerts({ ...query, reverse: true }));
    const render = renderAlert(args.value("format") as StdoutFormat);
    for (const alert of chosen.reverse()) io.out(render(alert));
    return EXIT.done;
  },
};

function readQuery(args: Arguments): AlertQuery {
  const severity = args.value("severity")!;
  const since = readSince(args.value("since"));
  const rule_id = args.value("rule");
  const limit = readLimit(args.value("limit"));
  return {
    ...(severity !== "any" && { severity: severity as Severity }),
    ...(since !== undefined && { since }),
    ...(rule_id !== undefined && { rule_id }),
    ...(limit !== undefined && { limit }),
  };
}

function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const back = parseDuration(text);
  const time = back === undefined ? parseTime(text, undefined) : Date.now() - back;
  if (time === undefined) {
    throw new UsageError(`--since ${text} is neither a time nor a duration such as 2h`);
  }
  return time;
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--limit ${text} is not a number of alerts`);
  return Number(text);
}
