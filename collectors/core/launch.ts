import { fromFileUrl, join } from "@std/path";
import type { Confinement, ConfinementPolicy } from "../../model/collection.ts";
import { CONFINED_PROC } from "./empty_root.ts";
import {
  commandLine,
  type Means,
  PROC_CAPABILITIES,
  type ProcView,
  spawn,
  strongestMeans,
  type World,
} from "./means.ts";
import { keepTail, type Tail } from "./tail.ts";

/** What a child reads of the host. */
export interface ReadNeeds {
  /** The process tree: `look` at it without opening what its links lead to, or `follow` them. */
  readonly proc?: Exclude<ProcView, "none">;
  /** Other files and folders, absolute and without commas. */
  readonly paths?: readonly string[];
}

/** A module of this toolkit to be started as a child. */
export interface LaunchSpec {
  /** What people know it by. */
  readonly name: string;
  /** The module that Deno runs. */
  readonly module: string | URL;
  /** Its arguments. A child that reads the process tree finds the tree's place before them. */
  readonly args?: readonly string[];
  /** Nothing, if absent. */
  readonly reads?: ReadNeeds;
  /** Names for `--allow-sys`. */
  readonly sys?: readonly string[];
  /** Files and folders of the toolkit that the module is made of, relative to its root. */
  readonly sources: readonly string[];
  /** Whether any of them imports npm packages or mapped names. */
  readonly npm?: true;
  /** How the child is to be confined. */
  readonly policy: ConfinementPolicy;
  /** Names for Deno's `--v8-flags`. */
  readonly v8Flags?: readonly string[];
}

/** A child that has been started; it may fail yet. End it with SIGKILL: what wraps it ignores gentler signals. */
export interface Launched {
  /** The child; its standard error is read already. */
  readonly process: Deno.ChildProcess;
  /** How it is confined. */
  readonly confinement: Confinement;
  /** Why the confinement is not the strongest; absent where it is. */
  readonly reason?: string;
  /** Where the child finds the process tree, if it reads it. */
  readonly procRoot: string;
  /** The end of what it writes to its standard error, which is read here. */
  readonly stderr: Tail;
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
 */
export async function launch(spec: LaunchSpec): Promise<Launched> {
  const { name, reason } = await means(spec);
  const confined = name === "namespaces";
  const procRoot = confined ? CONFINED_PROC : "/proc";
  const cache = denoDir();
  const world: World = {
    proc: spec.reads?.proc ?? "none",
    capabilities: capabilities(spec),
    shown: [...sources(spec), ...spec.reads?.paths ?? []],
    ...(spec.npm && cache !== undefined && { npm: join(cache, "npm") }),
  };
  const process = spawn(
    commandLine(name, world, denoArguments(spec, procRoot, confined)),
    "piped",
    cache === undefined ? {} : { DENO_DIR: cache },
  );
  return {
    process,
    confinement: confined
      ? "namespaces"
      : spec.policy === "off" || spec.reads?.proc
      ? "none"
      : "scoped",
    ...(reason !== undefined && { reason: explain(spec, reason) }),
    procRoot,
    stderr: keepTail(process.stderr),
  };
}

async function means({ policy, name, module }: LaunchSpec): Promise<Means> {
  const strongest = await strongestMeans();
  const unconfined = strongest.name === "plain" ? "plain" : "privileges";
  if (policy === "off") return { name: unconfined, reason: "confinement is switched off" };
  const found: Means = new URL(module).protocol === "file:"
    ? strongest
    : { name: unconfined, reason: "only modules on this host's disk can be confined" };
  if (policy === "required" && found.name !== "namespaces") {
    throw new ConfinementRefused(`${name} may not run unconfined, and ${found.reason}`);
  }
  return found;
}

function explain({ reads, policy }: LaunchSpec, reason: string): string {
  return reads?.proc && policy !== "off"
    ? `${reason}, and without them Deno reads /proc only with all permissions`
    : reason;
}

function denoArguments(spec: LaunchSpec, procRoot: string, confined: boolean): string[] {
  const proc = spec.reads?.proc;
  const paths = [...proc ? [procRoot] : [], ...spec.reads?.paths ?? []];
  // Without all permissions Deno refuses /proc, and elsewhere opens what a link says instead of what it leads to.
  const all = proc === "follow" || (proc !== undefined && !confined);
  const permissions = all ? ["--allow-all"] : [
    ...paths.length ? [`--allow-read=${paths.join(",")}`] : [],
    ...spec.sys?.length ? [`--allow-sys=${spec.sys.join(",")}`] : [],
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
    ...proc ? [procRoot] : [],
    ...spec.args ?? [],
  ];
}

function sources({ sources, npm }: LaunchSpec): string[] {
  return [...sources, ...npm ? ["deno.json", "deno.lock"] : []]
    .map((name) => fromFileUrl(new URL(name, APP)));
}

/**
 * A child that inspects processes keeps what that takes. Any other keeps nothing, unless the toolkit lies on this disk
 * under an owner who shows it to nobody else: root without capabilities could not even load it.
 */
function capabilities({ reads, module }: LaunchSpec): readonly string[] {
  if (reads?.proc) return PROC_CAPABILITIES;
  try {
    const { uid, mode } = Deno.statSync(new URL(module));
    return uid === 0 || ((mode ?? 0) & 0o004) !== 0 ? [] : ["dac_read_search"];
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
