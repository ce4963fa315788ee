import { openProcFiles, type ProcFiles } from "../../../collectors/proc/files.ts";

/** A process of a {@linkcode FakeProc}. */
export interface FakeProcess {
  /** Inode of its network namespace; absent for what has none any more. */
  readonly net?: number;
  /** What its file descriptors refer to. */
  readonly fd?: Readonly<Record<number, string>>;
  /** Its name. */
  readonly comm?: string;
  /** Its state. */
  readonly state?: string;
  /** Files below its `net`. */
  readonly tables?: Readonly<Record<string, string>>;
  /** Threads besides the first: what their file descriptors refer to. */
  readonly threads?: Readonly<Record<number, Readonly<Record<number, string>>>>;
}

/** A folder that looks like a process tree. */
export interface FakeProc extends AsyncDisposable {
  /** What reads it. */
  readonly files: ProcFiles;
  /** The ids of its processes. */
  list(): number[];
  /** Adds a process, in the place of one with that id. */
  put(pid: number, process: FakeProcess): void;
  /** Takes a process away. */
  end(pid: number): void;
  /** Links that were read since the last call. */
  read(): string[];
}

/** Makes a {@linkcode FakeProc} without processes. */
export async function fakeProc(): Promise<FakeProc> {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/sys/kernel/random`, { recursive: true });
  await Deno.writeTextFile(`${root}/sys/kernel/random/boot_id`, "boot\n");
  const files = openProcFiles(root);
  const pids = new Set<number>();
  let links: string[] = [];
  const putFiles = (folder: string, fd: FakeProcess["fd"] = {}) => {
    Deno.mkdirSync(`${folder}/fd`, { recursive: true });
    for (const [number, target] of Object.entries(fd)) {
      Deno.symlinkSync(target, `${folder}/fd/${number}`);
    }
  };
  const end = (pid: number) => {
    if (pids.delete(pid)) Deno.removeSync(`${root}/${pid}`, { recursive: true });
  };
  return {
    files: {
      ...files,
      link(path) {
        links.push(path);
        return files.link(path);
      },
    },
    list: () => [...pids].sort((one, other) => one - other),
    put(pid, { net, fd, comm = "x", state = "S", tables = {}, threads = {} }) {
      end(pid);
      pids.add(pid);
      const folder = `${root}/${pid}`;
      putFiles(folder, fd);
      for (const [tid, files] of Object.entries(threads)) putFiles(`${folder}/task/${tid}`, files);
      Deno.mkdirSync(`${folder}/ns`);
      Deno.mkdirSync(`${folder}/net`);
      if (net !== undefined) Deno.symlinkSync(`net:[${net}]`, `${folder}/ns/net`);
      const counts = `0 0 0 0 0 0 0 0 20 0 ${
        1 + Object.keys(threads).length
      } 0 ${pid}7 4096 1 0 0\n`;
      Deno.writeTextFileSync(
        `${folder}/stat`,
        `${pid} (${comm}) ${state} 1 1 1 0 -1 0 ${counts}`,
      );
      Deno.writeTextFileSync(
        `${folder}/status`,
        "Name:\tx\nUid:\t1\t2\t3\t1004\nGid:\t1\t2\t3\t1005\n",
      );
      for (const [table, text] of Object.entries(tables)) {
        Deno.writeTextFileSync(`${folder}/net/${table}`, text);
      }
    },
    end,
    read() {
      const before = links;
      links = [];
      return before;
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(root, { recursive: true });
    },
  };
}
