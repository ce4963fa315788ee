import { allColumns, type Column } from "./columns.ts";
import { isPathView, isView } from "./view.ts";
import { PLATFORM_NAMES, PLATFORMS, type ResourceKind, type TableSpec } from "./types.ts";

/** The documentation of a table in Markdown, ending with a newline. */
export function tableMarkdown(spec: TableSpec): string {
  const columns = allColumns(spec);
  const shared = columns.filter(({ platform }) => platform === undefined);
  const parts = [
    `# ${spec.name}`,
    spec.description,
    facts(spec, shared),
    "## Columns",
    columnTable(shared),
    ...PLATFORMS.flatMap((platform) => {
      const own = columns.filter((column) => column.platform === platform);
      return own.length > 0
        ? [`## Further columns on ${PLATFORM_NAMES[platform]}`, columnTable(own)]
        : [];
    }),
    "## JSON shapes",
    "An example value of each json column.",
    columns.flatMap(shapeItem).join("\n"),
    "## Examples",
    ...spec.resources ? [needsResources(spec.resources)] : [],
    ...spec.examples.map((sql) => "```sql\n" + onLines(sql) + "\n```"),
  ];
  return parts.join("\n\n") + "\n";
}

function facts(spec: TableSpec, shared: readonly Column[]): string {
  const named = (option: "key" | "lookup") =>
    shared.filter((column) => column[option]).map(({ name }) => code(name));
  const keys = named("key");
  const lookups = named("lookup");
  return [
    isView(spec)
      ? `- A view that the engine makes of [${code(spec.base)}](${spec.base}.md), ${
        isPathView(spec) ? "scan by scan" : "of all scans that the query sees (`lookback`)"
      }; reading it collects nothing else`
      : `- Collector: ${code(spec.collector)}, ${
        spec.kind === "monitor" && !spec.requires ? "for the whole host" : "for given keys"
      }`,
    ...(spec.events ? ["- A row is an event: something that happened"] : []),
    ...(keys.length > 0 ? [`- A row is identified by ${keys.join(", ")}`] : []),
    ...(lookups.length > 0 ? [`- Can be looked up by ${lookups.join(", ")}`] : []),
    ...(spec.requires
      ? [`- A query must give a value of ${spec.requires.map(code).join(" or ")}`]
      : []),
  ].join("\n");
}

function columnTable(columns: readonly Column[]): string {
  const rows = columns.map((column) =>
    [code(column.name), column.type, column.unit ?? "", notes(column), column.description]
      .map(cell)
      .join(" | ")
  );
  return [
    "| Column | Type | Unit | Notes | Description |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** What else is true of a column, in the words that the head of the documentation explains. */
function notes(column: Column): string {
  const words = (["key", "lookup", "optional", "volatile", "costly", "privileged"] as const)
    .filter((option) => column[option]);
  const values = column.values ? [`one of ${column.values.map(code).join(", ")}`] : [];
  return [...words, ...values].join("; ");
}

function shapeItem({ name, shape, platform }: Column): readonly string[] {
  if (!shape) return [];
  return [`- ${code(name)}${platform ? ` (${PLATFORM_NAMES[platform]})` : ""}: ${code(shape)}`];
}

/** What the examples of a table do not show: the files that its rows come from are named above the query. */
function needsResources(kind: ResourceKind): string {
  return `Only a detection whose front-matter names files under \`resources.${kind}\` can run these: ` +
    "without any it is refused, and `daemoneye query`, which has no front-matter, evaluates none.";
}

/** An example with each clause on a line of its own. */
function onLines(sql: string): string {
  return sql.replace(/ (?=(?:FROM|JOIN|WHERE|GROUP BY|HAVING|ORDER BY) )/g, "\n");
}

function code(text: string): string {
  return "`" + text + "`";
}

/** A vertical bar would end a cell of a Markdown table, even within code. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
