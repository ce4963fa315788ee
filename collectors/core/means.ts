import { EMPTY_ROOT_SCRIPT } from "./empty_root.ts";
import { keepTail } from "./tail.ts";

/**
 * Every program that is started, by the name that is looked up, and what starts it. Only the first of a chain is started
 * by this process, so only those need permission to run.
 */
export const PROGRAMS = {
  setpriv: {
    from: "this process, or the opener of file events",
    does: "ties a child's life to ours and takes privileges away",
  },
  setsid: {
    from: "setpriv",
    does: "takes the terminal away, to which a child could write commands",
  },
  deno: { from: "this process, setsid, setpriv or unshare", does: "runs a module of this toolkit" },
  unshare: { from: "this process, or setsid", does: "makes namespaces" },
  sh: {
    from: "unshare",
    does: "runs the script that builds the empty root, or the one that owns an instance of tracefs",
  },
  mkdir: { from: "sh", does: "makes mount points, and instances of tracefs" },
  cp: { from: "sh", does: "copies the links that stand for library folders" },
  mount: { from: "sh", does: "mounts folders and files into the empty root, and tracefs" },
  pivot_root: { from: "sh", does: "makes the empty root the root" },
  umount: { from: "sh", does: "removes the host's root" },
  renice: { from: "sh", does: "lets a child give way to others, where there is one" },
  readlink: { from: "sh", does: "tells which process ids an instance of tracefs is named after" },
  rmdir: { from: "sh", does: "removes instances of tracefs" },
  sleep: { from: "sh", does: "waits until an instance of tracefs can be removed" },
} as const satisfies Record<string, { readonly from: string; readonly does: string }>;

/** What of the host's process tree a child sees: nothing, files and links that lead nowhere, or links that can be opened. */
export type ProcView = "none" | "look" | "follow";

/** What a child needs of a confined world. */
export interface World {
  /** What it sees of the process tree. */
  readonly proc: ProcView;
  /** Capabilities that a child of root keeps, as the kernel names them without `CAP_`, in lower case. */
  readonly capabilities: readonly string[];
  /** Files and folders shown read-only at the paths that they have; those below /sys below {@linkcode CONFINED_SYS}. */
  readonly shown: readonly string[];
  /** Programs shown so that they can be run. */
  readonly programs?: readonly string[];
  /** The same, where the host has them. */
  readonly programsIfPresent?: readonly string[];
  /** The folder of npm packages in Deno's cache. */
  readonly npm?: string;
  /** The instance of tracefs whose events it reads. */
  readonly trace?: string;
  /** The folder of the pipes through which it is told of what happens to files. */
  readonly fileEvents?: string;
  /** Whether it sees every file of the host. */
  readonly files?: "all";
  /** Whether it stays in the host's network. */
  readonly network?: "host";
  /** Whether it gives way to whoever else wants the processors. */
  readonly yielding?: true;
}

/** How much nicer than others a child is that gives way, nice(2): it has a third of their share. */
const NICER = "5";

/** A way to start Deno, strongest first. */
export type MeansName = "namespaces" | "privileges" | "plain";

/** The way in which children are started, and why it is not a stronger one. */
export interface Means {
  /** Which one. */
  readonly name: MeansName;
  /** Absent where the means is the strongest. */
  readonly reason?: string;
}

/** A program to start and its arguments. */
export interface CommandLine {
  /** Name of the program, found in PATH. */
  readonly program: keyof typeof PROGRAMS;
  /** Its arguments. */
  readonly args: readonly string[];
}

/**
 * The command line that runs Deno by a means. Every chain begins with `setpriv --pdeathsig KILL`: a child dies with the
 * thread that started it, which is this process's main thread, also when this process is killed by SIGKILL. `unshare`
 * hands the same fate to what runs in the namespaces.
 */
export function commandLine(
  means: MeansName,
  world: World,
  denoArgs: readonly string[],
): CommandLine {
  const bounding = ["-all", ...world.capabilities.map((name) => `+${name}`)].join(",");
  const mortal = ["--pdeathsig", "KILL"];
  switch (means) {
    case "namespaces":
      return {
        program: "setpriv",
        // deno-fmt-ignore
        args: [
          ...mortal, "--",
          "setsid",
          "unshare", "--mount", "--propagation", "private", ...world.network ? [] : ["--net"], "--ipc", "--uts",
          "--pid", "--fork", "--kill-child", "--",
          "sh", "-c", EMPTY_ROOT_SCRIPT, "sh",
          Deno.execPath(), String(userOf(world)), bounding, ...furniture(world),
          ...denoArgs,
        ],
      };
    case "privileges": {
      const capabilities = isRoot() ? ["--bounding-set", bounding, "--inh-caps", "-all"] : [];
      return {
        program: "setpriv",
        // deno-fmt-ignore
        args: [
          ...mortal, "--no-new-privs", ...capabilities, "--",
          "setsid",
          Deno.execPath(), ...denoArgs,
        ],
      };
    }
    case "plain":
      return { program: "deno", args: denoArgs };
  }
}

/** What is put into an empty root, as its script takes it. */
function furniture(
  {
    npm,
    shown,
    programs = [],
    programsIfPresent = [],
    trace,
    fileEvents,
    files,
    proc,
    yielding,
  }: World,
): string[] {
  return [
    ...yielding ? ["nice", NICER] : [],
    ...npm ? ["npm", npm] : [],
    ...shown.flatMap((path) => [isBelowSys(path) ? "sys" : "show", path]),
    ...programs.flatMap((path) => ["run", path]),
    ...programsIfPresent.flatMap((path) => ["run-if-present", path]),
    ...trace ? ["trace", trace] : [],
    ...fileEvents ? ["events", fileEvents] : [],
    ...files ? ["files", files] : [],
    ...["proc", proc],
  ];
}

/** Whether a path leads into /sys, which Deno refuses to read under its own name. */
export function isBelowSys(path: string): boolean {
  return path === "/sys" || path.startsWith("/sys/");
}

let strongest: Promise<Means> | undefined;

/** The strongest means that works on this host; found out once, by running `deno --version` under each. */
export function strongestMeans(): Promise<Means> {
  return strongest ??= findStrongest();
}

async function findStrongest(): Promise<Means> {
  if (Deno.build.os !== "linux") return { name: "plain", reason: "namespaces are a part of Linux" };
  let reason = "namespaces need root";
  if (isRoot()) {
    const failure = await probe("namespaces");
    if (failure === undefined) return { name: "namespaces" };
    reason = `namespaces do not work here (${failure})`;
  }
  const failure = await probe("privileges");
  if (failure === undefined) return { name: "privileges", reason };
  return { name: "plain", reason: `${reason}; setpriv does not work here (${failure})` };
}

/** Why a means does not work; `undefined` where it does. */
async function probe(means: MeansName): Promise<string | undefined> {
  const world: World = { proc: "look", capabilities: PROC_CAPABILITIES, shown: ["/etc/passwd"] };
  try {
    const child = spawn(commandLine(means, world, ["--version"]), "null");
    const tail = keepTail(child.stderr);
    const { success, code } = await child.status;
    await tail.closed;
    return success ? undefined : tail.text().split(" | ")[0] || `exit status ${code}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The user and group that a child with a view of the process tree, of all files or of the host's network becomes. It owns
 * nothing: through the links of the tree it would otherwise write to root's files and sockets, among the files it would
 * meet root's sockets and pipes, and in the network sockets without a file as root. The number lies where nobody hands out ids.
 */
const NOBODY = 0xdae0_0001;

/** Whoever meets nobody else's processes, files or sockets may stay root without its powers. */
function userOf({ proc, files, network }: World): number {
  return proc === "none" && !files && !network ? 0 : NOBODY;
}

/** What reading every file takes of root's powers. */
export const FILE_CAPABILITIES: readonly string[] = ["dac_read_search"];

/** What reading every process takes of root's powers. */
export const PROC_CAPABILITIES: readonly string[] = ["sys_ptrace", "dac_read_search"];

/**
 * What makes glibc give large buffers back as soon as they are free (mallopt(3)), instead of keeping them for later: a
 * child is idle most of the time. Other C libraries know nothing of it.
 */
export const SPARING = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/** Starts a command line with piped streams and no environment but what Deno and the search for programs need. */
export function spawn(
  { program, args }: CommandLine,
  stdio: "piped" | "null",
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: [...args],
    clearEnv: Deno.build.os !== "windows",
    env: {
      PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      ...SPARING,
      ...env,
    },
    stdin: stdio,
    stdout: stdio,
    stderr: "piped",
  }).spawn();
}

/** Whether this process runs as root; where it may not ask, it takes itself for an ordinary user. */
export function isRoot(): boolean {
  try {
    return Deno.uid() === 0;
  } catch {
    return false;
  }
}
