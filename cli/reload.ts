import { dirname, resolve } from "@std/path";
import type { Settings } from "../config/mod.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { renderText } from "../diagnostics/text.ts";
import { compileApart, type CompiledFile } from "../engine/compiling/process.ts";
import { withSchedule } from "../engine/schedule.ts";
import type { Change, Refusal } from "../engine/reload.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { duration } from "../sinks/fields.ts";
import { type Arguments, UsageError } from "./command.ts";
import { detectionPaths, statePath } from "./options.ts";
import { plural } from "./plural.ts";
import { pollFolder } from "./poll.ts";
import { type Configured, readConfigured, renderFaults } from "./settings.ts";
import { findWatched, isFolder, type Watched } from "./watched.ts";

/** What an agent is to do, read and compiled beside what it does. */
export interface Prepared {
  /** When reading began, ms since the epoch. */
  readonly began: number;
  readonly configured: Configured;
  /** Every detection file, those with faults, too. */
  readonly loaded: readonly CompiledFile[];
  /** Those that compile, with the configured schedule where they have none. */
  readonly detections: readonly CompiledDetection[];
  /** Each fault, as a person reads it, and in a line. */
  readonly faults: readonly {
    readonly diagnostic: Diagnostic;
    readonly text: string;
    readonly line: string;
  }[];
}

/**
 * Reads configuration and detections.
 *
 * @throws {UsageError} where the configuration that was asked for cannot be read
 * @throws {Error} where detections cannot be read
 */
export async function prepare(args: Arguments): Promise<Prepared> {
  const began = Date.now();
  const configured = withPeriod(await readConfigured(args), args);
  const shown = renderFaults(configured);
  const faults = configured.diagnostics.map((one, at) => ({
    diagnostic: one,
    text: shown[at]!,
    line: inLine(one),
  }));
  const { settings } = configured;
  if (!settings) return { began, configured, loaded: [], detections: [], faults };
  const loaded = await compileApart(detectionPaths(args, settings));
  for (const { diagnostics, source } of loaded) {
    for (const one of diagnostics) {
      if (one.severity === "error") {
        faults.push({ diagnostic: one, text: renderText(one, source), line: inLine(one) });
      }
    }
  }
  const detections = loaded.flatMap(({ compiled }) =>
    compiled ? [withSchedule(compiled, scheduleOf(settings))] : []
  );
  return { began, configured, loaded, detections, faults };
}

/** What `--every` says goes before what is configured. */
function withPeriod(configured: Configured, args: Arguments): Configured {
  const { settings } = configured;
  const text = args.value("every");
  if (!settings || text === undefined) return configured;
  const every = duration.safeParse(text);
  if (!every.success || every.data < LEAST_PERIOD) {
    throw new UsageError(`--every ${text}: a duration of at least 1s, such as 30s or 5m`);
  }
  return {
    ...configured,
    settings: { ...settings, schedule: { ...settings.schedule, every: every.data } },
  };
}

const LEAST_PERIOD = 1_000;

function scheduleOf({ schedule: { every, splay } }: Settings) {
  return { every, ...(splay !== undefined && { splay }) };
}

function inLine(
  { file, line, column, code, message }: CompiledFile["diagnostics"][number],
): string {
  return `${file}:${line}:${column}: ${message} [${code}]`;
}

/** What follows for a running agent: other detections, or that what was read is refused; as a whole, whatever is good in it. */
export async function prepareChange(
  args: Arguments,
): Promise<{ readonly change: Change; readonly prepared?: Prepared }> {
  let prepared: Prepared;
  try {
    prepared = await prepare(args);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { change: refusal(fault, [fault]) };
  }
  const { loaded, detections, configured, faults } = prepared;
  if (faults.length > 0) {
    const broken = loaded.filter(({ diagnostics }) => hasErrors(diagnostics)).length;
    const where = broken > 0 ? plural(broken, "detection") : configured.file ?? "the environment";
    const lines = faults.map(({ line }) => line);
    return { change: refusal(`${plural(faults.length, "fault")} in ${where}`, lines), prepared };
  }
  if (detections.length === 0) return { change: refusal("there is no detection any more", []) };
  return { change: { detections }, prepared };
}

function refusal(reason: string, faults: readonly string[]): Refusal {
  return { reason: `the old set goes on: ${reason}`, faults };
}

/** A pause in which nothing changes, ms: editors and checkouts write many files one after the other. */
const QUIET = 500;

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return resolve(path);
  }
}

/** How far behind the clock the kernel may be with the times of files, ms. */
const CLOCK = 20;

/**
 * Whether a file, or a folder in which some may have come, has changed since it was read. What will have changed in the
 * future says nothing.
 */
function isStale(
  { began, loaded }: Prepared,
  { folders, awaited, standIns }: Watched,
  isOwn: (folder: string) => boolean,
): boolean {
  const files = [
    ...awaited,
    ...[...folders].filter((folder) => !standIns.has(folder) && !isOwn(folder)),
    ...loaded.map(({ source }) => source.file),
  ];
  const now = Date.now();
  return files.some((file) => {
    try {
      const { mtime, ctime } = Deno.statSync(file);
      const changed = Math.max(mtime?.getTime() ?? 0, ctime?.getTime() ?? 0);
      return changed >= began - CLOCK && changed <= now;
    } catch {
      return false;
    }
  });
}

/** Watches the folders that are not the store's. One that goes at this moment is looked for again. */
function openWatcher(find: () => Watched, isOwn: (folder: string) => boolean) {
  for (;;) {
    const watched = find();
    const others = [...watched.folders].filter((folder) => !isOwn(folder));
    try {
      return { watched, watcher: Deno.watchFs(others, { recursive: false }) };
    } catch (error) {
      if (others.every(isFolder)) throw error;
    }
  }
}

/**
 * Tells when detection files or the configuration may have changed, each time once there was quiet, until it is disposed of.
 *
 * @throws {Error} where the system cannot watch so much
 */
export function watchPrepared(
  args: Arguments,
  prepared: Prepared,
  changed: () => void,
  failed: (reason: string) => void,
): AsyncDisposable {
  const { settings } = prepared.configured;
  // Deno opens and closes every file of a folder that it watches. For that of the store that would give up the locks by
  // which SQLite knows in other processes that the store is open here: they would remove its log.
  const own = realPath(dirname(statePath(args, settings ?? {})));
  const isOwn = (folder: string) => realPath(folder) === own;
  const { watched, watcher } = openWatcher(() => findWatched(args, prepared), isOwn);
  const { folders, standIns, awaited } = watched;
  // A folder that comes or goes may have detections in it.
  const matters = (path: string, isFolder: boolean) =>
    awaited.has(path) || !standIns.has(dirname(path)) && (isFolder || path.endsWith(".sql"));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET);
  };
  const polls = [...folders].filter(isOwn).map((folder) => pollFolder(folder, matters, tell));
  const follow = async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      const isKnown = (path: string) => folders.has(path) || isFolder(path);
      if (paths.some((path) => matters(path, kind !== "modify" && isKnown(path)))) tell();
    }
  };
  const following = follow()
    .catch((error) => failed(error instanceof Error ? error.message : String(error)));
  // What changed after it was read, and before anybody watched, is told by nobody else. The store's folder always changes.
  if (isStale(prepared, watched, isOwn)) tell();
  return {
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      for (const poll of polls) poll[Symbol.dispose]();
      watcher.close();
      // Until then Deno takes a folder that is watched again for one that it watches; where another one has come to its
      // place it would tell nothing of that.
      await following;
    },
  };
}
