/**
 * Writes the table of the shipped detections into `docs/detections/README.md`, between its two marks. What each of them
 * misses is written by hand, below the table.
 *
 * @module
 */
import { fromFileUrl, relative } from "@std/path";
import { findDetections, loadDetections } from "../compiler/files.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { CATALOGUE } from "../profiles/mod.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Where the page lies. */
export const SHIPPED_PAGE: string = fromFileUrl(new URL("./detections/README.md", import.meta.url));

/** Between these stands what is generated. */
const MARKS = [
  "<!-- The table is generated: deno task docs -->",
  "<!-- end of the table -->",
] as const;

/** The shipped detections, sorted by their paths. */
export async function shippedDetections(): Promise<readonly CompiledDetection[]> {
  const loaded = await loadDetections(await findDetections([`${ROOT}detections`]), CATALOGUE);
  return loaded.map(({ source, compiled }) => {
    if (!compiled) throw new Error(`${source.file} does not compile`);
    return compiled;
  });
}

/** The page with the table of these detections. Throws `Error` where its marks are missing. */
export function shippedPage(page: string, detections: readonly CompiledDetection[]): string {
  const [begin, end] = MARKS.map((mark) => page.indexOf(mark));
  if (begin! < 0 || end! < begin!) throw new Error("the page has lost its marks");
  return `${page.slice(0, begin)}${MARKS[0]}\n\n${table(detections)}\n\n${page.slice(end)}`;
}

function table(detections: readonly CompiledDetection[]): string {
  const rows = detections.map(({ detection, tables }) => {
    const { meta, file } = detection;
    const path = relative(ROOT, file).replaceAll("\\", "/");
    return [
      `[${meta.title}](../../${path})`,
      path.split("/")[1]!,
      meta.severity,
      meta.tags.flatMap(techniqueLink).join(", "),
      meta.mode,
      tables.map(({ table }) => `\`${table}\``).join(", "),
    ];
  });
  const heading = ["Detection", "Tactic", "Severity", "Techniques", "Mode", "Reads"];
  return [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** `attack.t1059.004` as a link. */
function techniqueLink(tag: string): string[] {
  const [, id, part] = /^attack[.]t(\d{4})(?:[.](\d{3}))?$/.exec(tag) ?? [];
  if (id === undefined) return [];
  const [name, path] = part ? [`T${id}.${part}`, `T${id}/${part}`] : [`T${id}`, `T${id}`];
  return [`[${name}](https://attack.mitre.org/techniques/${path}/)`];
}

if (import.meta.main) {
  const page = await Deno.readTextFile(SHIPPED_PAGE);
  await Deno.writeTextFile(SHIPPED_PAGE, shippedPage(page, await shippedDetections()));
}
