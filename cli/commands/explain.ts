import { bold, dim } from "@std/fmt/colors";
import { describePermissions } from "../../collectors/permissions.ts";
import { explain as explainQuery, type Explanation } from "../../compiler/explain.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { KeySource } from "../../model/plan.ts";
import { type Command, EXIT, formatFlag } from "../command.ts";
import { anyErrors, readDetections, reportFaults } from "../detections.ts";
import { renderPredicate } from "../predicate.ts";

/** `daemoneye explain`: what compiling a detection yields. */
export const explain: Command = {
  name: "explain",
  summary: "Show what a detection reads, asks collectors for, needs on a host, and costs.",
  usage: "FILE",
  details:
    "With --permissions FILE may be a folder: what all its detections together make a host grant.",
  flags: {
    format: formatFlag("json"),
    permissions: {
      description: "Only the permissions, of each collector the detections that need it",
    },
  },
  examples: [
    "daemoneye explain detections/impact/miner_command_line.sql",
    "daemoneye explain --permissions detections",
  ],
  args: { min: 1, max: Infinity },
  async run(args, io) {
    const loaded = await readDetections(args.args, io);
    reportFaults(loaded, io);
    const compiled = loaded.flatMap((file) => file.compiled ? [file.compiled] : []);
    const json = args.value("format") === "json";
    if (args.has("permissions")) {
      const needed = permissionsOf(compiled);
      io.out(json ? escapeJson({ permissions: needed }) + "\n" : permissionsText(needed));
    } else {
      for (const one of compiled) {
        const explanation = explainQuery(one, describePermissions);
        io.out(json ? escapeJson(explanation) + "\n" : explanationText(one, explanation));
      }
    }
    return anyErrors(loaded) ? EXIT.findings : EXIT.done;
  },
};

interface NeededCollector {
  readonly collector: string;
  readonly permissions: readonly string[];
  /** Names of the detections that ask it for something. */
  readonly detections: readonly string[];
}

function permissionsOf(compiled: readonly CompiledDetection[]): readonly NeededCollector[] {
  const needed = new Map<string, string[]>();
  for (const { plan, detection } of compiled) {
    for (
      const collector of new Set([...plan.tasks, ...plan.triggers].map((one) => one.collector))
    ) {
      needed.set(collector, [...needed.get(collector) ?? [], detection.name]);
    }
  }
  return [...needed].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([collector, detections]) => ({
      collector,
      permissions: describePermissions(collector),
      detections,
    }));
}

function permissionsText(needed: readonly NeededCollector[]): string {
  return needed.map(({ collector, permissions, detections }) =>
    [
      bold(collector),
      ...permissionLines(permissions),
      dim(`  for ${detections.map(escapeTerminal).join(", ")}`),
      "",
    ].join("\n")
  ).join("\n");
}

function permissionLines(permissions: readonly string[]): string[] {
  return permissions.length ? permissions.map((one) => `  ${one}`) : ["  not part of this version"];
}

function explanationText({ detection }: CompiledDetection, explanation: Explanation): string {
  const { tables, columns, tasks, triggers, residual_sql, permissions, cost, events } = explanation;
  return [
    bold(escapeTerminal(`${detection.name}: ${detection.meta.title}`)),
    "",
    bold("Reads"),
    ...tables.map(({ table, columns }) =>
      `  ${table}: ${columns.join(", ") || "only whether there are rows"}`
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
