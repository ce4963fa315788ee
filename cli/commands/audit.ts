import { green, red } from "@std/fmt/colors";
import { type AuditFault, auditPath, type AuditReport, verifyAudit } from "../../audit/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { pathFault } from "../../diagnostics/path_fault.ts";
import { type Command, EXIT, FailedError, formatFlag, UsageError } from "../command.ts";
import { STATE_FLAG, statePath } from "../options.ts";
import { plural } from "../plural.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";

/** `daemoneye audit verify`: whether the audit log is as it was written. */
export const audit: Command = {
  name: "audit",
  summary: "Check the audit log: every edit, cut and move is found, with its line.",
  usage: "verify [FILE]",
  details: "FILE is an audit log; by default the one beside the store. Full files and the anchor " +
    "are looked for beside it. It ends with 1 where anything is wrong.",
  flags: {
    format: formatFlag("json"),
    known: {
      value: "HASH",
      description: "The hash of an entry that was noted elsewhere, and has to be there",
    },
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    "daemoneye audit verify",
    "daemoneye audit verify /mnt/evidence/state.kv.audit.jsonl --format json",
  ],
  args: { min: 1, max: 2 },
  async run(args, io) {
    const [action, given] = args.args;
    if (action !== "verify") throw new UsageError(`unexpected ${action}; it is verify`);
    const known = args.value("known");
    if (known !== undefined && !/^[0-9a-f]{64}$/.test(known)) {
      throw new UsageError("--known takes 64 hexadecimal digits, as verify shows them");
    }
    const path = given ?? auditPath(statePath(args, await loadSettings(args, io)));
    const report = await verifyAudit(path, known).catch((error) => {
      throw new FailedError(pathFault(path, "read", error));
    });
    if (report.files.length === 0) throw new FailedError(`there is no audit log at ${path}`);
    io.out(args.value("format") === "json" ? escapeJson(report) + "\n" : render(report));
    return report.faults.length > 0 ? EXIT.findings : EXIT.done;
  },
};

function render({ files, entries, first, last, faults, notes }: AuditReport): string {
  const lines = [
    ...faults.map((fault) => `${red("fault")} ${inWords(fault)}`),
    ...notes.map((note) => `note  ${inWords(note)}`),
    `${plural(entries, "entry").replace("entrys", "entries")} in ${plural(files.length, "file")}`,
    ...(first && last ? [`${first.seq} to ${last.seq}, from ${at(first)} to ${at(last)}`] : []),
    ...(last ? [`hash of the last: ${last.hash}`] : []),
    faults.length > 0 ? red(plural(faults.length, "fault")) : green("no faults"),
  ];
  return lines.join("\n") + "\n";
}

function at({ time }: { readonly time: number }): string {
  return new Date(time).toISOString();
}

function inWords({ file, line, message }: AuditFault): string {
  return escapeTerminal(`${file}${line === null ? "" : `:${line}`}: ${message}`);
}
