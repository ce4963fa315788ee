import { frontMatterJsonSchema } from "../../compiler/mod.ts";
import { json } from "./config.ts";

/** Settings of Visual Studio Code, as `docs/editor.md` explains them, by path. */
export function editorFiles(): Readonly<Record<string, string>> {
  return {
    ".vscode/extensions.json": json({
      recommendations: ["denoland.vscode-deno", "redhat.vscode-yaml"],
    }),
    ".vscode/settings.json": json({
      "deno.enable": true,
      "yaml.schemas": { "./.vscode/detection.schema.json": "detections/**/*.sql" },
    }),
    // The SQL below the front-matter is a text to an editor that takes the file for YAML.
    ".vscode/detection.schema.json": json({
      anyOf: [{ $ref: "./front-matter.schema.json" }, { type: "string" }],
    }),
    ".vscode/front-matter.schema.json": json(frontMatterJsonSchema()),
    ".vscode/tasks.json": json(TASKS),
  };
}

const TASKS = {
  version: "2.0.0",
  tasks: [
    {
      label: "lint detections",
      type: "shell",
      command: "deno task -q lint --quiet --no-color",
      group: { kind: "build", isDefault: true },
      presentation: { reveal: "silent" },
      problemMatcher: {
        owner: "daemoneye",
        source: "daemoneye",
        fileLocation: ["autoDetect", "${workspaceFolder}"],
        pattern: [
          {
            regexp: "^(error|warning|info)\\[([a-z-]+)\\]: (.*)$",
            severity: 1,
            code: 2,
            message: 3,
          },
          { regexp: "^\\s*--> (.+):(\\d+):(\\d+)$", file: 1, line: 2, column: 3 },
        ],
      },
    },
    {
      label: "test detections",
      type: "shell",
      command: "deno task -q test --quiet",
      group: { kind: "test", isDefault: true },
    },
  ],
} as const;
