import { bold, dim } from "@std/fmt/colors";
import { frontMatterJsonSchema } from "../../compiler/mod.ts";
import { nearestName } from "../../compiler/nearest.ts";
import { settingsJsonSchema } from "../../config/mod.ts";
import { PROFILES, VIEWS } from "../../profiles/mod.ts";
import { allColumns, type Column } from "../../schema/columns.ts";
import { tableDdl } from "../../schema/ddl.ts";
import { tableJsonSchema } from "../../schema/json_schema.ts";
import { tableMarkdown } from "../../schema/markdown.ts";
import { type Platform, PLATFORMS, type TableSpec } from "../../schema/types.ts";
import { isView } from "../../schema/view.ts";
import { type Command, EXIT, UsageError } from "../command.ts";
import { hostPlatform } from "../platform.ts";

const RENDERERS: Readonly<
  Record<string, (specs: readonly TableSpec[], platform: Platform) => string>
> = {
  text: (specs) => specs.length === 1 ? describeTable(specs[0]!) : listTables(specs),
  json: (specs) =>
    JSON.stringify(specs.length === 1 ? asJson(specs[0]!) : specs.map(asJson), null, 2),
  markdown: (specs) => specs.map((spec) => tableMarkdown(spec)).join("\n"),
  ddl: (specs, platform) => specs.map((spec) => `${tableDdl(spec, platform)};`).join("\n\n"),
  "json-schema": (specs, platform) =>
    JSON.stringify(
      specs.length === 1
        ? tableJsonSchema(specs[0]!, platform)
        : Object.fromEntries(specs.map((spec) => [spec.name, tableJsonSchema(spec, platform)])),
      null,
      2,
    ),
};

/** What queries can read. */
const SPECS: readonly TableSpec[] = [...PROFILES, ...VIEWS];

/** `daemoneye schema`: the catalogue of virtual tables. */
export const schema: Command = {
  name: "schema",
  summary:
    "Show the virtual tables and their columns, or the schema of the front-matter or the configuration.",
  usage: "[TABLE]",
  flags: {
    format: {
      value: "FORMAT",
      description: "How the result looks",
      choices: Object.keys(RENDERERS),
    },
    platform: {
      value: "PLATFORM",
      description: "Whose columns ddl and json-schema show; by default this host's",
      choices: ["host", ...PLATFORMS],
    },
    "front-matter": { description: "The JSON Schema of a detection's front-matter, for editors" },
    config: { description: "The JSON Schema of daemoneye.yaml, for editors" },
  },
  examples: [
    "daemoneye schema",
    "daemoneye schema processes",
    "daemoneye schema processes --format ddl",
  ],
  args: { min: 0, max: 1 },
  run(args, io) {
    const schema = args.has("front-matter")
      ? frontMatterJsonSchema()
      : args.has("config")
      ? settingsJsonSchema()
      : undefined;
    if (schema) {
      io.out(JSON.stringify(schema, null, 2) + "\n");
      return Promise.resolve(EXIT.done);
    }
    const [name] = args.args;
    const specs = name === undefined ? SPECS : [findTable(name)];
    const asked = args.value("platform")!;
    const platform = asked === "host" ? hostPlatform() : asked as Platform;
    io.out(RENDERERS[args.value("format")!]!(specs, platform) + "\n");
    return Promise.resolve(EXIT.done);
  },
};

function findTable(name: string): TableSpec {
  const spec = SPECS.find((one) => one.name === name);
  if (spec) return spec;
  const near = nearestName(name, SPECS.map((one) => one.name));
  const hint = near === undefined ? "daemoneye schema lists them" : `did you mean ${near}?`;
  throw new UsageError(`there is no table ${name}; ${hint}`);
}

function asJson(spec: TableSpec): unknown {
  const { columns: _columns, extensions: _extensions, ...rest } = spec;
  return { ...rest, columns: allColumns(spec) };
}

function listTables(specs: readonly TableSpec[]): string {
  const width = Math.max(...specs.map(({ name }) => name.length));
  return specs.map((spec) =>
    `${bold(spec.name.padEnd(width))}  ${dim(kindOf(spec).padEnd(11))}  ${spec.description}`
  ).join("\n");
}

function describeTable(spec: TableSpec): string {
  const columns = allColumns(spec);
  const width = Math.max(...columns.map(({ name }) => name.length));
  return [
    `${bold(spec.name)}: ${spec.description}`,
    dim(isView(spec) ? `a view of ${spec.base}` : origin(spec)),
    "",
    ...columns.map((column) =>
      `${column.name.padEnd(width)}  ${column.type.padEnd(9)}  ${column.description}${
        notes(column)
      }`
    ),
    "",
    ...spec.examples.map((example) => dim(example)),
  ].join("\n");
}

function kindOf(spec: TableSpec): string {
  return isView(spec) ? "view" : spec.kind;
}

function origin({ collector, kind, requires, resources }: TableSpec): string {
  const needs = requires ? [`needs one of ${requires.join(", ")}`] : [];
  const files = resources
    ? [`only for detections that name files under resources.${resources}`]
    : [];
  return [`${collector}, ${kind}`, ...needs, ...files].join("; ");
}

function notes({ unit, platform, key, lookup, values }: Column): string {
  const parts = [unit, platform, key && "key", lookup && "lookup", values && values.join("|")]
    .filter(Boolean);
  return parts.length ? dim(` (${parts.join("; ")})`) : "";
}
