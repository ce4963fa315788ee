/**
 * Writes `docs/tables/` from the profiles: a page for each virtual table and an index. With `--check` it writes nothing and
 * exits with 1 where a page is missing, stale or of no table.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import { SOURCES, type SourcesByColumn } from "../collectors/sources.ts";
import { PROFILES, VIEWS } from "../profiles/mod.ts";
import { tableMarkdown } from "../schema/markdown.ts";
import type { ColumnSource } from "../schema/sources.ts";
import { PLATFORM_NAMES, PLATFORMS, type TableSpec } from "../schema/types.ts";
import { isView } from "../schema/view.ts";

/** Where the pages lie. */
export const TABLES_DIRECTORY: string = join(dirname(fromFileUrl(import.meta.url)), "tables");

/** The pages by file name. */
export function tablePages(specs: readonly TableSpec[]): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", indexPage(specs)],
    ...specs.map((spec): [string, string] => [`${spec.name}.md`, tablePage(spec)]),
  ]);
}

/** The page of a table, with where its columns come from on the platforms whose collector tells. */
function tablePage(spec: TableSpec): string {
  const sections = PLATFORMS.flatMap((platform) => {
    const sources = SOURCES[spec.name]?.[platform];
    return sources ? [sourcesSection(PLATFORM_NAMES[platform], sources)] : [];
  });
  return [tableMarkdown(spec), ...sections].join("\n");
}

function sourcesSection(platform: string, sources: SourcesByColumn): string {
  const rows = Object.entries(sources).map(([column, source]) =>
    `| \`${column}\` | ${inWords(source).replaceAll("|", "\\|")} |`
  );
  return `## Sources on ${platform}\n\n| Column | Source |\n| --- | --- |\n${rows.join("\n")}\n`;
}

function inWords(source: ColumnSource): string {
  return typeof source === "string" ? source : `always NULL: ${source.always_null}`;
}

/** What is wrong with a directory of pages, in a line for each file; nothing where it is fresh. */
export async function stalePages(
  directory: string,
  pages: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const found = await pagesIn(directory);
  return [
    ...[...pages].flatMap(([file, text]) =>
      found.get(file) === undefined
        ? [`${file} is missing`]
        : found.get(file) === text
        ? []
        : [`${file} is stale`]
    ),
    ...[...found.keys()].filter((file) => !pages.has(file)).map((file) => `${file} is of no table`),
  ];
}

/** Makes a directory hold these pages and no others. */
export async function writePages(
  directory: string,
  pages: ReadonlyMap<string, string>,
): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  for (const file of (await pagesIn(directory)).keys()) {
    if (!pages.has(file)) await Deno.remove(join(directory, file));
  }
  for (const [file, text] of pages) await Deno.writeTextFile(join(directory, file), text);
}

async function pagesIn(directory: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (isFile) pages.set(name, await Deno.readTextFile(join(directory, name)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return pages;
}

function indexPage(specs: readonly TableSpec[]): string {
  const collectors = Map.groupBy(specs, ({ collector }) => collector);
  const sections = [...collectors].map(([collector, tables]) =>
    `## ${collector}\n\n| Table | Rows | Description |\n| --- | --- | --- |\n${
      tables.map(indexRow).join("\n")
    }\n`
  );
  return `${INTRODUCTION}\n${sections.join("\n")}`;
}

function indexRow(spec: TableSpec): string {
  const { name, requires, events, description } = spec;
  const rows = isView(spec)
    ? `view of \`${spec.base}\``
    : requires
    ? `by ${requires.map((key) => `\`${key}\``).join(" or ")}`
    : events
    ? "events"
    : "all";
  return `| [${name}](${name}.md) | ${rows} | ${description} |`;
}

const INTRODUCTION = `# Virtual tables

The tables that detections read, by collector. A table has all the rows that the host has, or only those for the keys that a
query gives it by a join, \`=\`, \`IN\` or a \`GLOB\` with a constant beginning, or events as they happen. A view has rows that
the engine makes of those of another table.

Types: \`integer\` and \`float\` are numbers, \`boolean\` is 0 or 1, \`timestamp\` is milliseconds since the Unix epoch, \`json\`
is NULL or valid JSON text.

Notes on a column:

- *key*: part of the identity of a row within a scan
- *lookup*: the collector can be asked for the rows with given values
- *optional*: NULL where the host has nothing to say
- *volatile*: changes from scan to scan by itself, so it says nothing about what a row is
- *costly*: collected only when a detection reads it
- *privileged*: kept from ordinary users; of what belongs to others only root sees it
`;

if (import.meta.main) {
  const pages = tablePages([...PROFILES, ...VIEWS]);
  if (Deno.args.includes("--check")) {
    const faults = await stalePages(TABLES_DIRECTORY, pages);
    for (const fault of faults) console.error(`docs/tables/${fault}`);
    if (faults.length > 0) {
      console.error("run `deno task docs`");
      Deno.exit(1);
    }
  } else await writePages(TABLES_DIRECTORY, pages);
}
