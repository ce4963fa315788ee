import { fromFileUrl } from "@std/path";
import { type Collectors, openCollectors } from "../../../collectors/mod.ts";
import type {
  CollectionTask,
  ConfinementPolicy,
  TableOutcome,
  TaskKeys,
} from "../../../model/collection.ts";
import { heap_analysis } from "../../../profiles/heap_analysis.ts";
import { memory_artifacts } from "../../../profiles/memory_artifacts.ts";
import { memory_patterns } from "../../../profiles/memory_patterns.ts";
import { memory_regions } from "../../../profiles/memory_regions.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import type { TableSpec } from "../../../schema/types.ts";
import { drain, type ReadRow, textOf, until } from "../support.ts";

/** All columns of a table on Linux, but open metadata. */
export const COLUMNS = {
  memory_regions: columnsOf(memory_regions),
  memory_patterns: columnsOf(memory_patterns),
  memory_artifacts: columnsOf(memory_artifacts),
  heap_analysis: columnsOf(heap_analysis),
} as const;

function columnsOf(spec: TableSpec): string[] {
  return collectedColumns(spec, "linux").map(({ name }) => name)
    .filter((name) => name !== "platform_data");
}

/** Opens the collectors of this host. */
export function openHere(policy: ConfinementPolicy = "preferred"): Promise<Collectors> {
  return openCollectors({ platform: "linux", policy });
}

/** Collects a table for some processes. */
export async function collectPids(
  collectors: Collectors,
  table: keyof typeof COLUMNS,
  keys: readonly number[] | TaskKeys,
  options: Partial<CollectionTask> = {},
): Promise<{ readonly rows: ReadRow[]; readonly outcome: TableOutcome }> {
  return await drain(collectors.collect({
    table,
    project: COLUMNS[table],
    keys: "column" in keys ? keys : { column: "pid", values: keys },
    deadline: 60_000,
    ...options,
  }));
}

/** A process whose memory is known; the addresses of what stands in it. */
export interface Victim extends AsyncDisposable {
  readonly pid: number;
  readonly at: Readonly<Record<string, string>>;
  /** Ends it, and waits until it is gone. */
  kill(): Promise<void>;
}

let program: string | undefined;

/** Starts a program that has a text in its heap, besides much else; see `victim.c`. */
export async function startVictim(given = ""): Promise<Victim> {
  if (program === undefined) {
    const folder = Deno.makeTempDirSync();
    program = `${folder}/victim`;
    const source = fromFileUrl(new URL("victim.c", import.meta.url));
    const { success, stderr } = await new Deno.Command("gcc", {
      args: ["-O1", "-o", program, source, "-lpthread"],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  }
  const child = new Deno.Command(program, { stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(given));
  await writer.close();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const at = JSON.parse(new TextDecoder().decode(value));
  const isAsleep = ({ name }: Deno.DirEntry) =>
    / S /.test(textOf(`/proc/${child.pid}/task/${name}/stat`));
  await until(
    "it waits",
    () => [...Deno.readDirSync(`/proc/${child.pid}/task`)].every(isAsleep),
  );
  let ended = false;
  const kill = async () => {
    if (ended) return;
    ended = true;
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  };
  return { pid: child.pid, at, kill, [Symbol.asyncDispose]: kill };
}
