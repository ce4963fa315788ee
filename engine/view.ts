import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { StoreReader } from "../store/mod.ts";
import { buildImage, type LoadedTable } from "./image.ts";
import type { Sandbox, SandboxImage } from "./sandbox/sandbox.ts";

/** What queries are evaluated over: the rows of a scan, and how their collection ended. */
export interface View {
  /** The scan. */
  readonly scan_id: number;
  /** Its rows. */
  readonly image: SandboxImage;
  /** Rows and gaps of each table that has any. */
  readonly tables: ReadonlyMap<string, LoadedTable>;
  /** How and when each table was collected. */
  readonly collected: ReadonlyMap<string, ScanTable>;
}

/**
 * Reads a committed scan back from the store as a view that queries can be evaluated over.
 *
 * @param only what will be read; everything, if absent
 * @throws {StoreError} where the rows cannot be read
 */
export async function loadView(
  store: StoreReader,
  manifest: ScanManifest,
  catalogue: Catalogue,
  sandbox: Sandbox,
  only?: readonly TableRead[],
): Promise<View> {
  const { scan_id, platform, tables } = manifest;
  const read = only && new Set(only.map(({ table }) => table));
  const image = await buildImage({
    catalogue,
    platform,
    tables: tables.filter(({ table, rows }) => rows > 0 && (read?.has(table) ?? true))
      .map(({ table }) => ({ table, batches: store.batches(scan_id, table) })),
    ...(only && { only }),
  });
  return {
    scan_id,
    image: sandbox.load(image.bytes),
    tables: image.tables,
    collected: new Map(tables.map((one) => [one.table, one])),
  };
}
