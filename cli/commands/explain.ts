import { bold } from "@std/fmt/colors";
import { describePermissions } from "../../collectors/permissions.ts";
import { explain as explainQuery, type Explanation } from "../../compiler/explain.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { KeySource } from "../../model/plan.ts";
import { type Command, EXIT, formatFlag, UsageError } from "../command.ts";
import { anyErrors, readDetections, reportFaults } from "../detections.ts";
import { runLock } from "../lock.ts";
import { budgetFor, neededCollectors, permissionLines, permissionsText } from "../permissions.ts";
import { renderPredicate } from "../predicate.ts";

/** `daemoneye explain`: what compiling a detection yields. */
export const explain: Command = {
  name: "explain",
  summary: "Show what a detection reads, asks collectors for, needs on a host, and costs.",
  usage: "FILE",
  details:
    "With --permissions FILE may be a folder: what all its detections together make a host grant. " +
    "--write-lock writes that\nto permissions.lock.json, for all detections of the repository that FILE " +
    "is or lies in; lint then refuses more.",
  flags: {
    format: formatFlag("json"),
    permissions: {
      description: "Only the permissions, of each collector the detections that need it",
    },
    "write-lock": {
      description: "With --permissions, write the permission lock and show what changes",
    },
    "check-lock": {
      description:
        "With --permissions, fail where the permission lock is missing, wider or narrower",
    },
  },
  examples: [
    "daemoneye explain detections/impact/miner_command_line.sql",
    "daemoneye explain --permissions detections",
    "daemoneye explain --permissions --write-lock .",
  ],
  args: { min: 1, max: Infinity },
  async run(args, io) {
    const [writes, checks] = [args.has("write-lock"), args.has("check-lock")];
    if (writes && checks) throw new UsageError("--write-lock and --check-lock exclude each other");
    if (writes || checks) return await runLock(args, io, writes);
    const loaded = await readDetections(args.args, io);
    reportFaults(loaded, io);
    const compiled = loaded.flatMap((file) => file.compiled ? [file.compiled] : []);
    const json = args.value("format") === "json";
    if (args.has("permissions")) {
      const needed = neededCollectors(compiled);
      const grants = budgetFor(compiled);
      io.out(json ? `${escapeJson({ permissions: needed, grants })}\n` : permissionsText(needed));
    } else {
      for (const one of compiled) {
        const explanation = explainQuery(one, describePermissions);
        io.out(json ? escapeJson(explanation) + "\n" : explanationText(one, explanation));
      }
    }
    return anyErrors(loaded) ? EXIT.findings : EXIT.done;
  },
};

function explanationText({ detection }: CompiledDetection, explanation: Explanation): string {
  const { tables, columns, tasks, triggers, residual_sql, permissions, cost, events } = explanation;
  return [
    bold(escapeTerminal(`${detection.name}: ${detection.meta.title}`)),
    "",
    bold("Reads"),
    ...tables.map(({ table, columns, views }) =>
      `  ${table}: ${columns.join(", ") || "only whether there are rows"}` +
      (views ? ` (also as ${views.join(", ")})` : "")
    ),
    "",
    bold("Asks for, once a scan"),
    ...tasks.map(({ table, collector, where, limit }) =>
      `  ${collector} for ${table}${
        where ? ` where ${escapeTerminal(renderPredicate(where))}` : ", all rows"
      }` +
      (limit === undefined ? "" : `, at most ${limit}`)
    ),
    ...triggers.map(({ table, collector, key, keys, where, stage }) =>
      `  then (stage ${stage}) ${collector} for ${table} by ${key} ${
        escapeTerminal(keysText(keys))
      }` +
      (where ? `, where ${escapeTerminal(renderPredicate(where))}` : "")
    ),
    "",
    bold("Evaluates"),
    ...residual_sql.trim().split("\n").map((line) => `  ${escapeTerminal(line)}`),
    "",
    bold("Yields"),
    `  ${
      columns.map(({ name, type }) => escapeTerminal(type ? `${name} (${type})` : name)).join(", ")
    }`,
    "",
    bold("Needs on a host"),
    ...permissions.flatMap(({ collector, permissions }) =>
      permissions.length
        ? permissionLines(permissions)
        : [`  ${collector}, which is not part of this version`]
    ),
    "",
    `${bold("Cost")} ${cost.class}${cost.because.length ? `: ${cost.because.join("; ")}` : ""}`,
    `${bold("On events")} ${
      events.possible ? `yes, on those of ${events.stream}` : `no: ${events.reason}`
    }`,
    "",
  ].join("\n");
}

function keysText(keys: KeySource): string {
  switch (keys.kind) {
    case "values":
      return `= ${keys.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "glob":
      return `GLOB ${keys.patterns.map((pattern) => JSON.stringify(pattern)).join(", ")}`;
    case "rows":
      return `from: ${keys.sql.replace(/\s+/g, " ")}`;
  }
}
