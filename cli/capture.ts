import { type Collectors, type CollectorsOptions, openCollectors } from "../collectors/mod.ts";
import { captureReader } from "../collectors/netanalymond/mod.ts";
import { pathFault } from "../diagnostics/path_fault.ts";
import type { CompiledQuery } from "../model/compiled.ts";
import { CATALOGUE, type Catalogue } from "../profiles/mod.ts";
import { network_traffic } from "../profiles/network_traffic.ts";
import { protocol_analysis } from "../profiles/protocol_analysis.ts";
import { threat_indicators } from "../profiles/threat_indicators.ts";
import type { TableSpec } from "../schema/types.ts";
import { type Flag, UsageError } from "./command.ts";

/** `--pcap`, of the commands that can read a capture instead of the host. */
export const PCAP_FLAG: { readonly pcap: Flag } = {
  pcap: {
    value: "FILE",
    description: "Over a file of captured packets, pcap or pcapng, instead of the live host",
  },
};

/** Tables that are there as a whole in a capture, and need no keys. */
const WHOLE: readonly TableSpec[] = [network_traffic, protocol_analysis].map(
  ({ requires: _, slow: _slow, ...spec }): TableSpec => ({ ...spec, kind: "monitor" }),
);

/** All that can be read with a capture. */
const SPECS: readonly TableSpec[] = [...WHOLE, threat_indicators];

/** The catalogue of queries over a capture. */
export const CAPTURE_CATALOGUE: Catalogue = new Map(
  [...CATALOGUE, ...WHOLE.map((spec) => [spec.name, spec] as const)],
);

/**
 * What opens the collectors of a capture. Other tables than those of packets have no supplier.
 *
 * @throws {UsageError} where there is no such file, or it may not be read
 */
export async function captureCollectors(
  file: string,
  options: Pick<CollectorsOptions, "platform" | "policy">,
): Promise<() => Promise<Collectors>> {
  const collector = captureReader(await readablePath(file));
  return () => openCollectors({ ...options, collectors: [{ collector, specs: SPECS }] });
}

async function readablePath(file: string): Promise<string> {
  try {
    const path = await Deno.realPath(file);
    using opened = await Deno.open(path);
    if (!(await opened.stat()).isFile) throw new UsageError(`${file} is no file`);
    // Deno parts the paths that a process may read by commas, and knows no way to write one.
    if (path.includes(",")) {
      throw new UsageError(`the path ${path} has a comma: rename it, or copy the file`);
    }
    return path;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`${file} does not exist`);
    if (error instanceof UsageError) throw error;
    throw new UsageError(pathFault(file, "read", error));
  }
}

/**
 * Collectors that tell of every table which a capture does not have that it has no rows. This is true for those detections
 * alone that lose nothing by it: see {@linkcode lackedBy}.
 */
export function withoutHost(collectors: Collectors): Collectors {
  return {
    ...collectors,
    supports: () => true,
    async *collect(task) {
      if (collectors.supports(task.table)) return yield* collectors.collect(task);
      return { status: "complete" };
    },
  };
}

/** The tables that a query cannot do without and that a capture does not have. */
export function lackedBy({ tables, plan }: CompiledQuery): readonly string[] {
  return tables.map(({ table }) => table).filter((table) =>
    !SPECS.some(({ name }) => name === table) && !plan.additional?.includes(table)
  );
}
