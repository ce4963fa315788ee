import { compileGlob } from "../../dialect/wildcard.ts";
import type { Host } from "../regmond/host.ts";
import { filesIn, nameOf } from "../regmond/persistence/item.ts";
import { MAX_FILES, type Note } from "./setting.ts";

/** A line that says something. */
export interface Line {
  /** Its text without white space around it. */
  readonly text: string;
  /** Its number, from 1; where it goes on over several, that of the first. */
  readonly number: number;
}

/** How a text is made of lines. */
export interface LineRules {
  /** The beginning of a comment, at the beginning of a line; `#` if absent. */
  readonly comment?: RegExp;
  /** A backslash at the end of a line goes on in the next one. */
  readonly joined?: true;
  /** What is left of a line without the comment at its end. */
  readonly strip?: (line: string) => string;
}

/** The lines of a text that are neither empty nor comments. */
export function* linesOf(
  text: string,
  { comment = /^#/, joined, strip = (line) => line }: LineRules = {},
): Generator<Line> {
  let begun = "";
  let first = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (first === 0) first = index + 1;
    const isComment = begun === "" && comment.test(line.trimStart());
    const said = isComment ? "" : strip(line.replace(/\r$/, ""));
    if (joined && /(?:^|[^\\])(?:\\\\)*\\$/.test(said)) {
      begun += `${said.slice(0, -1)} `;
      continue;
    }
    const whole = (begun + said).trim();
    if (whole !== "") yield { text: whole, number: first };
    begun = "";
    first = 0;
  }
  if (begun.trim() !== "") yield { text: begun.trim(), number: first };
}

/**
 * Files of several folders as systemd and its kin take them (systemd.unit(5), sysctl.d(5)): sorted by name whatever the
 * folder, and of the same name only that of the first folder.
 */
export function dropIns(host: Host, folders: readonly string[], name: RegExp): readonly string[] {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const file of host.list(folder)) {
      if (name.test(file) && !found.has(file)) found.set(file, `${folder}/${file}`);
    }
  }
  return [...found].sort(([one], [other]) => one < other ? -1 : 1).map(([, path]) => path)
    .filter((path) => host.info(path)?.isFile);
}

/** The files that a pattern of glob(7) names, sorted; one without wildcards names itself, also where it is missing. */
export function expandFiles(host: Host, pattern: string, note: Note): readonly string[] {
  let paths = [""];
  for (const part of pattern.split("/").filter(Boolean)) {
    if (!/[*?[]/.test(part)) {
      paths = paths.map((path) => `${path}/${part}`);
      continue;
    }
    const matches = compileGlob(part.replaceAll("[!", "[^"));
    paths = paths.flatMap((path) =>
      host.list(path || "/").filter((name) =>
        matches(name) && (part.startsWith(".") || !name.startsWith("."))
      ).map((name) => `${path}/${name}`)
    );
    if (paths.length > MAX_FILES) {
      note(`${pattern} names more than ${MAX_FILES} files`);
      paths.length = MAX_FILES;
    }
  }
  return paths;
}

/** The plain files of a folder whose names match, sorted. */
export { filesIn, nameOf };

/** What keeps files that name each other from being read for ever. */
export interface Inclusion {
  /** Reads a file within those that named it; nothing where that would go round, too deep or too far. */
  within<T>(path: string, read: () => Iterable<T>): Iterable<T>;
}

/** Makes an {@linkcode Inclusion} for files that are nested at most so deep. */
export function createInclusion(depth: number, note: Note): Inclusion {
  const open: string[] = [];
  let count = 0;
  return {
    *within(path, read) {
      if (open.includes(path)) return note(`${path} includes itself`);
      if (open.length >= depth) return note(`${path} is included more than ${depth} levels deep`);
      if (++count > MAX_FILES) {
        return note(`more than ${MAX_FILES} files are included from ${open[0]}`);
      }
      open.push(path);
      yield* read();
      open.pop();
    },
  };
}
