import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import stringWidth from "string-width";
import { openCollectors } from "../../collectors/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { CollectorReport, CollectorState, CollectorStatus } from "../../model/collection.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { type Command, EXIT, formatFlag } from "../command.ts";
import type { Io } from "../io.ts";
import { CONFINEMENT_FLAG, confinementPolicy, STATE_FLAG, statePath } from "../options.ts";
import { askAgent } from "../control.ts";
import { hostPlatform } from "../platform.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
import { openForReading } from "../store.ts";

/** `daemoneye collectors`: who reads this host, what holds them, and how they fared. */
export const collectors: Command = {
  name: "collectors",
  summary: "Start each collector to see whether it can; show state, confinement and counters.",
  usage: "",
  details:
    "Counters are those of the newest stored scan. While an agent runs these are its collectors, as they are.",
  flags: { format: formatFlag("json"), ...CONFINEMENT_FLAG, ...STATE_FLAG, ...CONFIG_FLAG },
  examples: [
    "daemoneye collectors",
    "daemoneye collectors --confinement required --format json",
  ],
  args: { min: 0, max: 0 },
  async run(args, io) {
    const settings = await loadSettings(args, io);
    const { fsmond: { paths }, yara, memory: { values } } = settings.collectors;
    const scan = await newestScan(statePath(args, settings), io);
    const running = await askAgent(statePath(args, settings), { ask: "collectors" });
    const found = running?.result as readonly CollectorStatus[] | undefined ??
      await tryCollectors({
        platform: hostPlatform(),
        policy: confinementPolicy(args, settings),
        ...(paths && { paths }),
        yara: yara.engine,
        memoryValues: values,
      });
    const statuses = found.map((status) => withScan(status, scan));
    if (args.value("format") === "json") io.out(escapeJson({ collectors: statuses }) + "\n");
    else io.out(statuses.map((one) => render(one, running !== undefined)).join("\n"));
    return statuses.some(({ state }) => state === "running") ? EXIT.done : EXIT.failed;
  },
};

/** Starts each collector to see whether it can. */
async function tryCollectors(
  options: Parameters<typeof openCollectors>[0],
): Promise<readonly CollectorStatus[]> {
  await using opened = await openCollectors(options);
  await opened.start();
  return opened.statuses();
}

/** A collector as this command shows it: the names of its JSON. */
interface Shown extends Omit<CollectorStatus, "report"> {
  readonly confinement: string | null;
  readonly confinement_reason: string | null;
  /** What it asked for and this host cannot give. */
  readonly lacks: readonly string[];
  /** What it did in the newest stored scan. */
  readonly last_scan: (Omit<CollectorReport, "name"> & { readonly scan_id: number }) | null;
}

function withScan({ report, ...status }: CollectorStatus, scan: ScanManifest | null): Shown {
  const found = scan?.collectors.find(({ name }) => name === status.name);
  const { name: _, ...counters } = found ?? { name: "" };
  const started = status.state === "running" ? report : undefined;
  return {
    ...status,
    confinement: started?.confinement ?? null,
    confinement_reason: started?.confinement_reason ?? null,
    lacks: started?.lacks ?? [],
    last_scan: scan && found ? { scan_id: scan.scan_id, ...counters as typeof found } : null,
  };
}

/** The newest stored scan; a store that cannot be read is no reason to be silent about the collectors. */
async function newestScan(path: string, io: Io): Promise<ScanManifest | null> {
  try {
    using store = await openForReading(path, "collectors");
    return await store?.latest() ?? null;
  } catch (error) {
    io.err(escapeTerminal(`counters cannot be read: ${(error as Error).message}`));
    return null;
  }
}

const STATES: Readonly<Record<CollectorState, () => string>> = {
  idle: () => yellow("does not start"),
  running: () => green("starts"),
  waiting: () => red("fails"),
  given_up: () => red("fails"),
  unsupported: () => dim("not for this platform"),
};

/** What differs where they are those of a running agent. */
const LIVE_STATES: Partial<typeof STATES> = {
  idle: () => dim("not needed so far"),
  running: () => green("runs"),
};

function render(status: Shown, live: boolean): string {
  const { name, tables, state, reason, permissions, lacks, last_scan } = status;
  const lines: (readonly [string, string])[] = [
    [
      "state",
      (live && LIVE_STATES[state] || STATES[state])() +
      (reason === undefined ? "" : `: ${escapeTerminal(reason)}`),
    ],
    ...status.confinement === null ? [] : [["confinement", confinementOf(status)] as const],
    ["tables", tables.join(", ") || "none of its own; it serves other collectors"],
    ...permissions.map((one, index) => [index ? "" : "permissions", one] as const),
    ...lacks.map((one) => [yellow("does without"), escapeTerminal(one)] as const),
    ["last scan", last_scan ? countersOf(last_scan) : "took no part"],
  ];
  const width = 14;
  return bold(name) + "\n" +
    lines.map(([head, text]) =>
      `  ${head}${" ".repeat(Math.max(1, width - stringWidth(head)))}${text}\n`
    )
      .join("");
}

function confinementOf({ confinement, confinement_reason }: Shown): string {
  const text = confinement === "none" ? red("none") : confinement!;
  return confinement_reason === null ? text : `${text} (${escapeTerminal(confinement_reason)})`;
}

function countersOf(scan: NonNullable<Shown["last_scan"]>): string {
  const { scan_id, confinement, rows, dropped, duration_ms, restarts = 0, problem } = scan;
  return [
    `${scan_id}: ${rows} rows`,
    `${dropped} dropped`,
    `${(duration_ms / 1000).toFixed(2)} s`,
    `confinement ${confinement}`,
    ...(restarts > 0 ? [`${restarts} restarts`] : []),
    ...(problem === undefined ? [] : [escapeTerminal(problem)]),
  ].join(", ");
}
