import { memory_regions } from "../../profiles/memory_regions.ts";
import type { Reading } from "../core/collector.ts";
import { Failure } from "../proc/files.ts";
import { readLinesOf } from "../proc/lines.ts";
import { fileOf, isDeleted, programsIn, typeOf } from "./region_type.ts";
import { missing } from "./rest.ts";
import { createRegionReader, type Region } from "./smaps.ts";
import { gapOf, type Target } from "./targets.ts";

/** Columns that take `smaps`, for which the kernel walks through all pages. */
const COUNTED: readonly string[] = ["access_count", "dirty_pages"];

/** Reads the regions of a process, counted where that is wanted; why it could not. */
export function readRegions(
  { files, folder }: Target,
  counted: boolean,
): { readonly regions: readonly Region[]; readonly failure?: Failure } {
  if (folder instanceof Failure) return { regions: [], failure: folder };
  const reader = createRegionReader();
  const failure = readLinesOf(files, `${folder}/${counted ? "smaps" : "maps"}`, reader.line);
  return { regions: reader.regions(), ...(failure && { failure }) };
}

/**
 * The rows of a process, one for each region. Where they cannot all be told, the last row is of those that are missing:
 * nothing is known of it but the process.
 */
export function* listRegions(target: Target, project: readonly string[]): Iterable<Reading> {
  const { identity } = target;
  const { regions, failure } = readRegions(target, COUNTED.some((one) => project.includes(one)));
  // What was read may be of another process that has the id now.
  if (!target.isSame()) return;
  const programs = programsIn(regions);
  const analysis_time = Date.now();
  for (const region of regions) {
    const { address, start, end, permissions, use } = region;
    yield {
      row: {
        ...identity,
        region_address: address,
        region_size: end - start,
        region_type: typeOf(region, programs),
        permissions: permissions.slice(0, 3),
        protection: permissions,
        mapped_file: fileOf(region),
        allocation_time: null,
        ...(use && {
          access_count: Math.round(use.referenced / use.page),
          dirty_pages: Math.round(use.dirty / use.page),
        }),
        shared: permissions[3] === "s",
        analysis_time,
        platform_data: isDeleted(region) ? '{"deleted":true}' : null,
      },
    };
  }
  if (failure && failure !== Failure.GONE) yield missing(memory_regions, identity, gapOf(failure));
}
