import { type Collectors, openCollectors } from "../../../collectors/mod.ts";
import type { ConfinementPolicy, TableOutcome } from "../../../model/collection.ts";
import { network_connections } from "../../../profiles/network_connections.ts";
import { network_interfaces } from "../../../profiles/network_interfaces.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import { drain, type ReadRow } from "../support.ts";

/** All columns of a table on Linux. */
export const COLUMNS = {
  network_connections: collectedColumns(network_connections, "linux").map(({ name }) => name),
  network_interfaces: collectedColumns(network_interfaces, "linux").map(({ name }) => name),
} as const;

/** Opens the collectors of this host. */
export function openHere(policy: ConfinementPolicy = "preferred"): Promise<Collectors> {
  return openCollectors({ platform: "linux", policy });
}

/** Collects a table once. */
export async function collectTable(
  collectors: Collectors,
  table: keyof typeof COLUMNS,
  project: readonly string[] = COLUMNS[table],
): Promise<{ readonly rows: ReadRow[]; readonly outcome: TableOutcome }> {
  return await drain(collectors.collect({ table, project, deadline: 60_000 }));
}

/** What a program prints. */
export function output(program: string, ...args: string[]): string {
  const { stdout } = new Deno.Command(program, { args, stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** Whether a program does what it is told. */
export function succeeds(program: string, ...args: string[]): boolean {
  return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

/** Reads what `readable` gives until it has so many bytes; what is left is not read. */
export async function readSome(readable: ReadableStream<Uint8Array>): Promise<string> {
  const reader = readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

/** A program in a network namespace of its own, which ends with it. */
export async function inOwnNetwork(
  script: string,
): Promise<{ readonly pid: number; readonly id: number } & AsyncDisposable> {
  const child = new Deno.Command("unshare", {
    // With a process id namespace of its own, all that was started within ends when it does.
    args: [
      ...["--net", "--pid", "--fork", "--kill-child", "--"],
      ...["sh", "-c", `${script}; echo ready; exec sleep 600`],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await readSome(child.stdout);
  const id = Number(/\d+/.exec(Deno.readLinkSync(`/proc/${child.pid}/ns/net`))![0]);
  return {
    pid: child.pid,
    id,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.stdout.cancel();
      await child.status;
    },
  };
}

/** Puts a process into a control group that is called as a container's is; `undefined` where that cannot be had. */
export function pretendContainer(pid: number): { readonly id: string } & Disposable | undefined {
  const id = Array.from(
    crypto.getRandomValues(new Uint8Array(32)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  for (const hierarchy of ["", "/unified", "/pids", "/systemd"]) {
    const folder = `/sys/fs/cgroup${hierarchy}/docker-${id}.scope`;
    if (!exists(`/sys/fs/cgroup${hierarchy}/cgroup.procs`)) continue;
    try {
      Deno.mkdirSync(folder);
      Deno.writeTextFileSync(`${folder}/cgroup.procs`, `${pid}\n`);
    } catch {
      continue;
    }
    return {
      id,
      [Symbol.dispose]() {
        Deno.writeTextFileSync(`/sys/fs/cgroup${hierarchy}/cgroup.procs`, `${pid}\n`);
        Deno.removeSync(folder);
      },
    };
  }
  return undefined;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
