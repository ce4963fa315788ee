import { renderText } from "../../diagnostics/text.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { LoadedFile } from "../../compiler/files.ts";
import { type Command, EXIT, formatFlag } from "../command.ts";
import { readDetections } from "../detections.ts";
import { detectionPaths, DETECTIONS_FLAG } from "../options.ts";

/** `daemoneye lint`: every fault of detection files. */
export const lint: Command = {
  name: "lint",
  summary:
    "Check detection files: front-matter, SQL, tables, types. Every fault with its place and what to do.",
  usage: "[PATH…]",
  details: "PATH is a detection file, a folder of them, or a repository with detections/.",
  flags: { format: formatFlag("json"), ...DETECTIONS_FLAG },
  examples: [
    "daemoneye lint",
    "daemoneye lint detections/execution",
    "daemoneye lint rule.sql --format json",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const loaded = await readDetections(detectionPaths(args), io);
    const diagnostics = loaded.flatMap((file) => file.diagnostics);
    const errors = count(diagnostics, "error");
    const warnings = count(diagnostics, "warning");
    if (args.value("format") === "json") {
      io.out(
        JSON.stringify({ diagnostics, files: loaded.length, errors, warnings }, null, 2) + "\n",
      );
    } else io.out(asText(loaded, errors, warnings));
    return errors > 0 ? EXIT.findings : EXIT.done;
  },
};

function count(diagnostics: readonly Diagnostic[], severity: Diagnostic["severity"]): number {
  return diagnostics.filter((one) => one.severity === severity).length;
}

function asText(loaded: readonly LoadedFile[], errors: number, warnings: number): string {
  const parts = loaded.flatMap(({ diagnostics, source }) =>
    diagnostics.map((one) => renderText(one, source) + "\n")
  );
  return [
    ...parts,
    `${plural(loaded.length, "file")}, ${plural(errors, "error")}, ${
      plural(warnings, "warning")
    }\n`,
  ]
    .join("\n");
}

function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
