import { fromFileUrl, join } from "@std/path";
import type { Confinement, ConfinementPolicy } from "../../model/collection.ts";
import type { CollectorPermissions, Places } from "./collector.ts";
import {
  CONFINED_FILE_EVENTS,
  CONFINED_FILES,
  CONFINED_PROC,
  CONFINED_SYS,
  CONFINED_TRACE,
} from "./empty_root.ts";
import { type FileWatch, openFileWatch } from "./file_watch.ts";
import {
  commandLine,
  FILE_CAPABILITIES,
  isBelowSys,
  isRoot,
  type Means,
  PROC_CAPABILITIES,
  spawn,
  strongestMeans,
  type World,
} from "./means.ts";
import { rememberShown } from "./shown.ts";
import { keepTail, type Tail } from "./tail.ts";
import { openTracing, type Tracing } from "./tracing.ts";

/** A module of this toolkit to be started as a child. */
export interface LaunchSpec {
  /** What people know it by. */
  readonly name: string;
  /** The module that Deno runs. */
  readonly module: string | URL;
  /** Its arguments. A child that has permissions finds before them, as JSON, {@linkcode Places}. */
  readonly args?: readonly string[];
  /** What it may read of the host. Nothing, if absent. Paths are absolute and without commas. */
  readonly permissions?: CollectorPermissions;
  /** Files and folders of the toolkit that the module is made of, relative to its root. */
  readonly sources: readonly string[];
  /** Whether any of them imports npm packages or mapped names. */
  readonly npm?: true;
  /** How the child is to be confined. */
  readonly policy: ConfinementPolicy;
  /** Names for Deno's `--v8-flags`. */
  readonly v8Flags?: readonly string[];
  /** Whether it gives way to whoever else wants the processors, where the confinement is the strongest. */
  readonly yielding?: true;
  /** Aborted where nobody wants the child any more: what it takes of the kernel is then not waited for. */
  readonly signal?: AbortSignal;
}

/** A child that has been started; it may fail yet. End it with SIGKILL: what wraps it ignores gentler signals. */
export interface Launched {
  /** The child; its standard error is read already. */
  readonly process: Deno.ChildProcess;
  /** How it is confined. */
  readonly confinement: Confinement;
  /** Why the confinement is not the strongest; absent where it is. */
  readonly reason?: string;
  /** Whether Deno gives it every permission, because it could not do its work otherwise. */
  readonly unbounded: boolean;
  /** Permissions that this host cannot give, in words. */
  readonly lacks: readonly string[];
  /** Where the child finds what it reads. */
  readonly places: Places;
  /** The end of what it writes to its standard error, which is read here. */
  readonly stderr: Tail;
  /** Whether files that it was shown have been replaced on the host since: it does not see those that stand there now. */
  isOutdated(): boolean;
  /** Gives back what it had of the kernel; once it has ended. That takes some seconds at most. */
  close(): Promise<void>;
}

/** Thrown where the policy requires more than the host can give; nothing has been started. */
export class ConfinementRefused extends Error {
  /** Tells it from other errors. */
  override readonly name = "ConfinementRefused";
}

const APP = new URL("../../", import.meta.url);

/**
 * Starts a module of this toolkit under the strongest confinement at hand, with piped standard streams.
 *
 * @throws {ConfinementRefused} where the policy is `required` and namespaces cannot be had.
 * @throws {Error} where the program cannot be started, or the signal is aborted before.
 */
export async function launch(spec: LaunchSpec): Promise<Launched> {
  const { permissions = {}, signal } = spec;
  const means = await meansFor(spec);
  const confined = means.name === "namespaces";
  const libc = LIBRARIES.find(isFile);
  const { tracing, lacks } = await trace(permissions, confined, signal);
  const { watching, lacks: unwatched } = await watchFiles(permissions, libc, signal);
  const close = async () => void await Promise.all([tracing?.close(), watching?.close()]);
  try {
    signal?.throwIfAborted();
    const unbounded = needsAll(permissions, confined);
    const launched = start(spec, means, { confined, unbounded, tracing, watching, libc });
    return { ...launched, lacks: [...lacks, ...unwatched, ...launched.lacks], close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a child that has what it takes of the kernel. Its `lacks` are what else this host cannot give. */
function start(spec: LaunchSpec, means: Means, given: Given): Omit<Launched, "close"> {
  const { permissions = {}, policy } = spec;
  const { confined, unbounded, tracing, watching } = given;
  const { places, missing } = findPlaces(permissions, given);
  const cache = denoDir();
  const world: World = {
    proc: permissions.proc ?? "none",
    capabilities: capabilities(spec),
    shown: [...sources(spec), ...shownFiles(permissions)],
    ...(permissions.run && { programs: permissions.run }),
    ...(permissions.runIfPresent && { programsIfPresent: permissions.runIfPresent }),
    ...(spec.npm && cache !== undefined && { npm: join(cache, "npm") }),
    ...(tracing && { trace: tracing.instance }),
    ...(watching && { fileEvents: watching.folder }),
    ...(permissions.files && { files: permissions.files }),
    ...(permissions.network && { network: permissions.network }),
    ...spec.yielding && { yielding: true as const },
  };
  const { read = [] } = permissions;
  const isOutdated = rememberShown(confined ? read.filter((path) => !isBelowSys(path)) : []);
  const process = spawn(
    commandLine(means.name, world, denoArguments(spec, places, confined, unbounded)),
    "piped",
    cache === undefined ? {} : { DENO_DIR: cache },
  );
  const reason = means.reason !== undefined && unbounded && policy !== "off"
    ? `${means.reason}, and without them Deno reads ${
      permissions.proc ? "/proc" : "/sys"
    } only with all permissions`
    : means.reason;
  return {
    process,
    confinement: confined
      ? "namespaces"
      : policy === "off" || unbounded || isNative(permissions)
      ? "none"
      : "scoped",
    ...(reason !== undefined && { reason }),
    unbounded,
    lacks: missing,
    places,
    stderr: keepTail(process.stderr),
    isOutdated,
  };
}

async function meansFor({ policy, name, module, permissions }: LaunchSpec): Promise<Means> {
  const strongest = await strongestMeans();
  const unconfined = strongest.name === "plain" ? "plain" : "privileges";
  if (policy === "off") return { name: unconfined, reason: "confinement is switched off" };
  const onDisk: Means = new URL(module).protocol === "file:"
    ? strongest
    : { name: unconfined, reason: "only modules on this host's disk can be confined" };
  const found = permissions?.tools && onDisk.name === "namespaces"
    ? { name: unconfined, reason: "it asks programs of the host" } as const
    : onDisk;
  if (policy === "required" && found.name !== "namespaces") {
    throw new ConfinementRefused(`${name} may not run unconfined, and ${found.reason}`);
  }
  return found;
}

/**
 * Whether Deno has to give all permissions. Without them it refuses /proc and /sys under their own names, and elsewhere
 * opens what a link says instead of what it leads to.
 */
function needsAll({ proc, read = [], trace }: CollectorPermissions, confined: boolean): boolean {
  return proc === "follow" ||
    !confined && (proc !== undefined || trace !== undefined || read.some(isBelowSys));
}

/** Whether Deno's permissions do not hold what the child may run. */
function isNative({ ffi, run, runIfPresent, tools }: CollectorPermissions): boolean {
  return [ffi, run, runIfPresent, tools].some((permission) => permission !== undefined);
}

/** Switches the events on that a child asks for. Where that cannot be it does without. */
async function trace(
  { trace: events }: CollectorPermissions,
  confined: boolean,
  signal: AbortSignal | undefined,
): Promise<{ readonly tracing?: Tracing; readonly lacks: readonly string[] }> {
  if (!events) return { lacks: [] };
  const without = (reason: string) => ({ lacks: [`events of the kernel (${reason})`] });
  if (Deno.build.os !== "linux") return without("they are a part of Linux");
  if (!isRoot()) return without("they need root");
  try {
    const tracing = await openTracing(events, signal);
    if (confined || tracing.path !== undefined) return { tracing, lacks: [] };
    await tracing.close();
    return without("tracefs is not mounted");
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error));
  }
}

/** Starts what tells of files, for a child that asks for it. Where that cannot be it does without. */
async function watchFiles(
  { fileEvents }: CollectorPermissions,
  libc: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly watching?: FileWatch; readonly lacks: readonly string[] }> {
  if (!fileEvents) return { lacks: [] };
  const without = (reason: string) => ({ lacks: [`the kernel's events of files (${reason})`] });
  if (Deno.build.os !== "linux") return without("they are a part of Linux");
  if (!isRoot()) return without("they need root");
  if (libc === undefined) return without("the C library was not found");
  try {
    const watching = await openFileWatch(libc, denoDir() ?? "/nowhere", signal);
    return { watching, lacks: watching.lacks };
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error));
  }
}

/** What a child has of the host. */
interface Given {
  readonly confined: boolean;
  readonly unbounded: boolean;
  readonly tracing: Tracing | undefined;
  readonly watching: FileWatch | undefined;
  readonly libc: string | undefined;
}

/** Where a child finds what it reads, and what is not there. */
function findPlaces(
  { proc, files, read = [], capture, secrets, ffi }: CollectorPermissions,
  { confined, unbounded, tracing, watching, libc: found }: Given,
): { readonly places: Places; readonly missing: readonly string[] } {
  const traceRoot = tracing && (confined ? CONFINED_TRACE : tracing.path);
  // Whom Deno has to give everything may as well be told.
  const libc = ffi || !confined && unbounded ? found : undefined;
  return {
    places: {
      ...(proc && { procRoot: confined ? CONFINED_PROC : "/proc" }),
      ...(files && { filesRoot: confined ? CONFINED_FILES : "/" }),
      ...(read.some(isBelowSys) && { sysRoot: confined ? CONFINED_SYS : "/sys" }),
      ...(traceRoot !== undefined && { traceRoot }),
      ...(watching && { fileEventsRoot: confined ? CONFINED_FILE_EVENTS : watching.folder }),
      ...(libc !== undefined && { libc }),
      ...(capture !== undefined && { captureFile: capture }),
      ...(secrets && { secrets }),
    },
    missing: ffi && libc === undefined ? ["the C library (it was not found)"] : [],
  };
}

/** The files and folders that a child reads. What /sys shows by class or by bus are links to its devices. */
function shownFiles({ read = [], capture }: CollectorPermissions): readonly string[] {
  const links = read.some((path) => /^\/sys\/(class|bus|block|dev)(\/|$)/.test(path));
  const captured = capture === undefined ? [] : [capture];
  return [...new Set([...read, ...captured, ...links ? ["/sys/devices"] : []])];
}

/** Where distributions of Linux have the C library, with or without folders for each architecture. */
const LIBRARIES = [
  `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
  "/lib64/libc.so.6",
  "/usr/lib64/libc.so.6",
  "/usr/lib/libc.so.6",
];

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function denoArguments(
  spec: LaunchSpec,
  places: Places,
  confined: boolean,
  unbounded: boolean,
): string[] {
  const { read = [], run = [], runIfPresent = [], tools = [], env, sys = [] } = spec.permissions ??
    {};
  const programs = [...run, ...runIfPresent, ...tools];
  const { procRoot, filesRoot, sysRoot, traceRoot, fileEventsRoot, libc, captureFile } = places;
  const readable = [
    ...procRoot ? [procRoot] : [],
    ...filesRoot ? [filesRoot] : [],
    ...traceRoot ? [traceRoot] : [],
    ...fileEventsRoot ? [fileEventsRoot] : [],
    ...captureFile ? [captureFile] : [],
    ...read.map((path) => isBelowSys(path) ? `${sysRoot}${path.slice("/sys".length)}` : path),
  ];
  const permissions = unbounded ? ["--allow-all"] : [
    ...readable.length ? [`--allow-read=${readable.join(",")}`] : [],
    ...fileEventsRoot ? [`--allow-write=${fileEventsRoot}/ask`] : [],
    ...programs.length ? [`--allow-run=${programs.join(",")}`] : [],
    ...env ? ["--allow-env"] : [],
    ...sys.length ? [`--allow-sys=${sys.join(",")}`] : [],
    ...libc ? [`--allow-ffi=${libc}`] : [],
  ];
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    // A cache that ends with the child is not worth filling.
    ...confined ? ["--no-code-cache"] : [],
    ...spec.npm
      ? [`--config=${fromFileUrl(new URL("deno.json", APP))}`, "--frozen"]
      : ["--no-config", "--no-lock", "--no-npm", "--no-remote"],
    ...spec.v8Flags?.length ? [`--v8-flags=${spec.v8Flags.join(",")}`] : [],
    ...permissions,
    String(spec.module),
    ...spec.permissions ? [JSON.stringify(places)] : [],
    ...spec.args ?? [],
  ];
}

function sources({ sources, npm }: LaunchSpec): string[] {
  return [...sources, ...npm ? ["deno.json", "deno.lock"] : []]
    .map((name) => fromFileUrl(new URL(name, APP)));
}

/** What a child keeps of root's powers. */
function capabilities(spec: LaunchSpec): readonly string[] {
  return [...readingCapabilities(spec), ...spec.permissions?.packets ? ["net_raw"] : []];
}

/**
 * A child that inspects processes or reads every file keeps what that takes. Any other keeps nothing, unless the toolkit lies on this disk
 * under an owner who shows it to nobody else: a child without capabilities could not even load it.
 */
function readingCapabilities({ permissions, module }: LaunchSpec): readonly string[] {
  if (permissions?.proc || permissions?.tools) return PROC_CAPABILITIES;
  if (permissions?.files) return FILE_CAPABILITIES;
  try {
    const { uid, mode } = Deno.statSync(new URL(module));
    const isRoot = !permissions?.network;
    return isRoot && uid === 0 || ((mode ?? 0) & 0o004) !== 0 ? [] : ["dac_read_search"];
  } catch {
    return [];
  }
}

/** Where Deno keeps its cache (https://docs.deno.com/runtime/reference/env_variables/#deno_dir). */
function denoDir(): string | undefined {
  const get = (name: string) => {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  };
  const named = get("DENO_DIR");
  if (named) return named;
  const home = get("HOME");
  const caches = Deno.build.os === "darwin"
    ? home && join(home, "Library", "Caches")
    : Deno.build.os === "windows"
    ? get("LOCALAPPDATA")
    : get("XDG_CACHE_HOME") || (home && join(home, ".cache"));
  return caches ? join(caches, "deno") : undefined;
}
