/**
 * Writes `docs/configuration.md`: every setting with what it takes. With `--check` it writes nothing and exits with 1 where
 * the page is stale.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { z } from "zod";
import { ALL_SETTINGS, defaultOf, type Setting, SETTINGS, shapeOf } from "../config/mod.ts";
import { sinkOptions } from "../sinks/mod.ts";

/** Where the page lies. */
export const CONFIGURATION_PAGE: string = fromFileUrl(
  new URL("./configuration.md", import.meta.url),
);

/** The page. */
export function configurationPage(): string {
  return [INTRODUCTION, table(ALL_SETTINGS.map(settingRow)), SINKS, ...sinkSections(), REST].join(
    "\n\n",
  ) + "\n";
}

type Row = readonly [name: string, takes: string, fallback: string, meaning: string];

function table(rows: readonly Row[], first = "Setting"): string {
  const lines = [[first, "Takes", "Default", "Meaning"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.map(escaped).join(" | ")} |`).join("\n");
}

function escaped(cell: string): string {
  return cell.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function settingRow({ path, schema }: Setting): Row {
  const outer = path.slice(0, -1).reduce<z.core.$ZodType>(
    (inner, key) => shapeOf(inner).keys![key]!,
    SETTINGS,
  );
  return rowOf(path.join("."), shapeOf(outer).keys![path.at(-1)!] ?? schema);
}

function rowOf(name: string, schema: z.core.$ZodType): Row {
  const fallback = defaultOf(schema);
  const kind = takes(schema);
  const shown = typeof fallback === "number" && kind in UNITS
    ? inUnits(fallback, UNITS[kind]!)
    : JSON.stringify(fallback)?.replaceAll('"', "");
  return [
    `\`${name}\``,
    kind,
    shown === undefined ? "" : `\`${shown}\``,
    descriptionOf(schema),
  ];
}

const DURATION = "duration: `500ms`, `10s`, `5m`, `12h`, `30d`";
const SIZE = "size: `512KB`, `10MB`";

/** Units of numbers that are written with one, smallest first. */
const UNITS: Readonly<Record<string, readonly (readonly [unit: string, value: number])[]>> = {
  [DURATION]: [["ms", 1], ["s", 1e3], ["m", 60e3], ["h", 3_600e3], ["d", 86_400e3]],
  [SIZE]: [["B", 1], ["KB", 1e3], ["MB", 1e6], ["GB", 1e9]],
};

function inUnits(number: number, units: readonly (readonly [string, number])[]): string {
  const [unit, value] = units.findLast(([, value]) => number % value === 0)!;
  return `${number / value}${unit}`;
}

function descriptionOf(schema: z.core.$ZodType): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return z.globalRegistry.get(schema)?.description ??
    ("innerType" in def ? descriptionOf(def.innerType) : "");
}

/** What a setting takes, in words. */
function takes(schema: z.core.$ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  if (json.enum) return json.enum.map((word) => `\`${word}\``).join(", ");
  if (json.const !== undefined) return `\`${json.const}\``;
  if (json.type === "integer" || json.type === "number") {
    const { minimum, maximum } = json;
    const whole = json.type === "integer" ? "whole number" : "number";
    return maximum === Number.MAX_SAFE_INTEGER ? whole : `${whole}, ${minimum} to ${maximum}`;
  }
  if (json.pattern?.includes("(ms|s|m|h|d)")) return DURATION;
  if (json.pattern?.includes("(B|KB|MB|GB)")) return SIZE;
  if (json.type === "array") return "list";
  if (json.type === "object") return "mapping";
  if (json.type === "string") return "text";
  const isSecret = json.anyOf?.some((one) => typeof one === "object" && one.properties?.["env"]);
  return isSecret ? "secret" : "JSON";
}

function sinkSections(): string[] {
  return sinkOptions.def.options.flatMap((option) => {
    const { type, ...rest } = shapeOf(option).keys!;
    const rows = Object.entries(rest).map(([name, schema]) => rowOf(name, schema));
    return [`### ${takes(type!)}`, table(rows, "Option")];
  });
}

const INTRODUCTION = `# Configuration

\`daemoneye.yaml\` says what an agent does; \`scan\` and \`rules\` heed it, too. It is read from \`--config FILE\`, else from
where \`DAEMONEYE_CONFIG\` says, else from \`$XDG_CONFIG_HOME/daemoneye/daemoneye.yaml\` (by default below \`~/.config\`), for root
from \`/etc/daemoneye/daemoneye.yaml\`. Without a file, and with an empty one, the defaults hold. Flags go before it.

\`\`\`yaml
state: /var/lib/daemoneye/state.kv
detections: [/etc/daemoneye/detections]
sinks:
  - { type: stdout, format: json }
retention: { age: 30d, count: 2000 }
schedule: { every: 60s, splay: 10s }
\`\`\`

\`daemoneye agent --check-config\` reads configuration and detections, tells each fault with file, line, column and what to
write instead, and ends: with 0 where there is none, else with 2. \`daemoneye schema --config\` prints the JSON Schema for
editors.

Paths in \`state\` and \`detections\` are relative to the folder of the file.

## Settings`;

const SINKS = `## Sinks

Each element of \`sinks\` is a mapping with a \`type\`. A secret is \`{ env: NAME }\` or \`{ file: PATH }\`, so that it stands
nowhere in the configuration.`;

const REST = `## Environment variables

Each setting can be given by a variable, which goes before the file: \`DAEMONEYE_\` and its keys in capitals, joined by
underscores. Its text is YAML, as it would stand in the file; relative paths are those of the working directory.

${ALL_SETTINGS.map(({ path, variable }) => `- \`${variable}\`: \`${path.join(".")}\``).join("\n")}

## Schedules and budgets

A detection says itself when it runs (\`schedule\` in its front-matter); \`schedule.every\` and \`schedule.splay\` are for those
that do not. Intervals go by a clock that nobody can set. Cron expressions go by the time of day of the host: where it is
set forward over a run, the run comes at once, and once. All detections that are due share one scan. A run that is due
while the one before goes on is left out, and the summary of the next scan counts it (\`skipped\`). A splay delays the runs
of a detection by a time that differs from host to host, in ten steps.

Detections that cost much (\`daemoneye explain\` says \`high\`), such as those that search memory or listen to the network,
have scans of their own, with a number and a summary each. They begin after the first scan of the others and go on beside
them: what takes seconds to collect delays neither other detections nor events.

A detection that takes more than \`budgets.share\` percent of the time between its runs, three times in a row, runs half as
often, down to a sixteenth; one that still takes more rests for an hour and is tried again. As it becomes quicker, it runs
more often again. \`daemoneye rules list\` shows the reason, and an alert of \`daemoneye.operational\` tells of it.

In events mode the time that goes by counts instead, ten seconds or more of it. A detection that takes more than a second
for events, or is slowed, is judged apart from the others: they do not wait for it, its own events do, and a slowed one is
judged on them every two to sixteen seconds. Events that it never judges, because too many came or because it rests, are
counted: in the summary of the next scan (\`missed\`), in \`rules list\`, in the metric \`daemoneye_unjudged_events_total\` and
in the audit log when its state changes.

## Changes while the agent runs

When a detection file or the configuration changes, and on SIGHUP, the agent reads all of it beside what is in force.
Where there is no fault, everything is exchanged at once; where there is one, nothing is: the faults are told with their
places, an alert of \`daemoneye.operational\` names them, and what was in force goes on. \`detections\`, \`schedule\`,
\`retention\` and \`sinks\` take effect at once, the other settings when the agent is started anew; it says so.`;

if (import.meta.main) {
  const page = configurationPage();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(CONFIGURATION_PAGE, page);
  else if (page !== await Deno.readTextFile(CONFIGURATION_PAGE)) {
    console.error("docs/configuration.md is stale: run `deno task docs`");
    Deno.exit(1);
  }
}
