import { delay } from "@std/async/delay";
import { basename, dirname, join, relative } from "@std/path";
import type { Catalogue } from "../profiles/mod.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { refusal } from "../diagnostics/path_fault.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Detection } from "../model/detection.ts";
import { compileText } from "./mod.ts";
import { createYaraCheck } from "./yara_rules.ts";

/** A detection file after reading: what it compiled to, if it did, and every fault found. */
export interface LoadedFile {
  /** Its text and name. */
  readonly source: SourceText;
  /** The parsed detection; null where the front-matter or the file is broken. */
  readonly detection: Detection | null;
  /** The detection ready to run; null where anything is in error. */
  readonly compiled: CompiledDetection | null;
  /** Every fault found. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How many files are read and compiled without a pause. */
const FILES_AT_ONCE = 16;

/** Larger files are refused unread: 64 KiB of SQL and a front-matter do not need more. */
const MAX_FILE_BYTES = 1024 * 1024;

/** A larger resource is refused unread: rules and indicators travel to their collector with every task. */
const MAX_RESOURCE_BYTES = 4 * 1024 * 1024;

/**
 * Finds the detection files under paths: files as they are, folders with everything below them. A folder that holds
 * `detections/` stands for it. Hidden folders and `node_modules` are passed over; symbolic links are not followed.
 *
 * @returns sorted paths without repetition, relative to the working directory where they lie below it
 * @throws {Deno.errors.NotFound} where a path does not exist
 */
export async function findDetections(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const info = await Deno.stat(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Deno.errors.NotFound(`${path} does not exist`);
    });
    if (info.isFile) found.add(path);
    else if (await isFolder(join(path, "detections"))) await walk(join(path, "detections"), found);
    else await walk(path, found);
  }
  return [...found].map(shortPath).sort();
}

async function walk(folder: string, found: Set<string>): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory) await walk(path, found);
    else if (entry.isFile && entry.name.endsWith(".sql")) found.add(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

function shortPath(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}

/**
 * Reads and compiles detection files. One bad file never keeps another from being read: its faults are diagnostics.
 *
 * @param files paths as {@linkcode findDetections} gives them
 * @param onFile called before each file, for progress
 */
export async function loadDetections(
  files: readonly string[],
  catalogue: Catalogue,
  onFile?: (index: number) => void,
): Promise<readonly LoadedFile[]> {
  const loaded: LoadedFile[] = [];
  const checkYara = createYaraCheck();
  for (const [index, file] of files.entries()) {
    onFile?.(index);
    const one = loadFile(file, catalogue);
    const faults = await checkYara(file, one.compiled?.resources?.yara ?? []);
    const diagnostics = [...one.diagnostics, ...faults];
    loaded.push({ ...one, compiled: hasErrors(faults) ? null : one.compiled, diagnostics });
    // Signals, timers and connections get their turn.
    if (index % FILES_AT_ONCE === 0) await delay(0);
  }
  return refuseDuplicates(loaded);
}

/** Reads a file at once: to wait for each of a thousand small files takes longer than to compile them. */
function loadFile(file: string, catalogue: Catalogue): LoadedFile {
  const unreadable = (message: string, hint: string): LoadedFile => {
    const source = new SourceText(file, "");
    const fault = diagnostic("unreadable-file", source, { start: 0, end: 0 }, message, hint);
    return { source, detection: null, compiled: null, diagnostics: [fault] };
  };
  let text: string;
  try {
    const { size } = Deno.statSync(file);
    if (size > MAX_FILE_BYTES) {
      return unreadable(
        `the file has ${size} bytes; at most ${MAX_FILE_BYTES} are read`,
        "is it a detection?",
      );
    }
    text = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) {
      return unreadable("the file is not UTF-8 text", "save it as UTF-8");
    }
    const { reason, hint } = refusal(error);
    return unreadable(`the file cannot be read: ${reason}`, hint);
  }
  const read = (path: string) => readResource(join(dirname(file), path));
  return { source: new SourceText(file, text), ...compileText(text, file, catalogue, read) };
}

/** Reads a file that a detection names; throws where it is no text of a size that is read. */
function readResource(path: string): string {
  const { isFile, size } = Deno.lstatSync(path);
  if (!isFile) throw new TypeError("it is no regular file");
  if (size > MAX_RESOURCE_BYTES) {
    throw new RangeError(`it has ${size} bytes; at most ${MAX_RESOURCE_BYTES} are read`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
  } catch (error) {
    throw error instanceof TypeError ? new TypeError("it is not UTF-8 text") : error;
  }
}

/** Names tie fixtures to detections and ids tie state and alerts to them: neither may be given twice. */
function refuseDuplicates(loaded: readonly LoadedFile[]): readonly LoadedFile[] {
  const firstByName = new Map<string, LoadedFile>();
  const firstById = new Map<string, LoadedFile>();
  return loaded.map((one) => {
    const { detection, source } = one;
    if (!detection) return one;
    const faults: Diagnostic[] = [];
    const sameName = firstByName.get(detection.name);
    if (sameName) {
      const message = `the name ${basename(source.file)} is taken by ${sameName.source.file}`;
      faults.push(
        diagnostic(
          "duplicate-name",
          source,
          { start: 0, end: 0 },
          message,
          "rename one of the two files",
        ),
      );
    } else firstByName.set(detection.name, one);
    const sameId = firstById.get(detection.meta.id);
    if (sameId) {
      const span = detection.spans.get("id") ?? { start: 0, end: 0 };
      const message = `the id is taken by ${sameId.source.file}`;
      faults.push(
        diagnostic("duplicate-id", source, span, message, `a fresh one: ${crypto.randomUUID()}`),
      );
    } else firstById.set(detection.meta.id, one);
    return faults.length
      ? { ...one, compiled: null, diagnostics: [...one.diagnostics, ...faults] }
      : one;
  });
}
