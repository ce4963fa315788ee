import type { heap_analysis } from "../../profiles/heap_analysis.ts";
import type { memory_artifacts } from "../../profiles/memory_artifacts.ts";
import type { memory_patterns } from "../../profiles/memory_patterns.ts";
import type { memory_regions } from "../../profiles/memory_regions.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const IDENTITY = {
  pid: "the pid that was asked for; no row of a thread of the kernel or a zombie",
  process_key: "boot id, pid, `/proc/<pid>/stat` field 22",
  process_name: "`/proc/<pid>/stat` field 2, at most 15 bytes",
} as const;

const CLOCK = "the clock when the regions were read";

/** Where `memory_regions` has its columns from on Linux. */
export const regionSources: ColumnSources<typeof memory_regions, "linux"> = {
  ...IDENTITY,
  region_address: "`/proc/<pid>/maps`, the address before the dash, proc_pid_maps(5)",
  region_size: "`/proc/<pid>/maps`, the difference of the two addresses",
  region_type:
    "`/proc/<pid>/maps`: by the names in brackets `heap` (also what allocators name so, prctl(2) `PR_SET_VMA`), `stack`, `kernel` (vdso, vvar and their kin); of a file `code` where it may be run, `data` where it is private and of a file whose code is mapped, else `mapped`; `anonymous` for all other memory",
  permissions: "`/proc/<pid>/maps`, the first three letters",
  protection: "`/proc/<pid>/maps`, all four letters: the last is `p` for private, `s` for shared",
  mapped_file:
    "`/proc/<pid>/maps`, the path without the mark ` (deleted)`, which `platform_data` has as `deleted`; line breaks as `\\012`; NULL for memory without a file, also where it is shared",
  allocation_time: { always_null: "the kernel keeps no time of a mapping" },
  access_count: "`/proc/<pid>/smaps`, `Referenced` in pages of `KernelPageSize`, proc_pid_smaps(5)",
  dirty_pages:
    "`/proc/<pid>/smaps`, `Shared_Dirty` and `Private_Dirty` in pages of `KernelPageSize`",
  shared: "the fourth letter in `/proc/<pid>/maps` is `s`",
  analysis_time: CLOCK,
};

const SEARCHED =
  "what is in memory of all regions, through `/proc/<pid>/mem`, proc_pid_mem(5); not pages in swap, of devices, or that are the same as in a file that is mapped read-only";

/** Where `memory_patterns` has its columns from on Linux. */
export const patternSources: ColumnSources<typeof memory_patterns, "linux"> = {
  ...IDENTITY,
  pattern_type:
    "the pattern: those in `collectors/memmond/patterns.ts`, and `custom` for those that conditions on `pattern_regex` name",
  pattern_value:
    `${SEARCHED}; each byte is a character (Latin-1). Of private keys, tokens and what detections' own patterns find only the beginning is told, of URLs all but password, query and fragment, of addresses of people all but the name; then the SHA-256 of the whole text follows`,
  pattern_regex: "the pattern",
  match_count:
    "how often the text was found; texts that overlap another of the same pattern do not count",
  memory_addresses: "where the text begins, the first 100 places",
  confidence:
    "0.95 for a mark that nothing else has (a private key from first to last line, a token with its issuer's prefix, a wallet with a correct checksum), 0.8 for a form that is rare by chance (URL, JSON web token, wallet without checksum), 0.6 for addresses of people, 0.5 for IP addresses, 0.4 for domains, 0.1 where a checksum is wrong; 1 for `custom`",
  scan_time: "the clock when the search began",
};

/** Where `memory_artifacts` has its columns from on Linux. */
export const artifactSources: ColumnSources<typeof memory_artifacts, "linux"> = {
  ...IDENTITY,
  artifact_type: "the kind of text in `collectors/memmond/artifacts.ts`",
  artifact_value:
    `${SEARCHED}; each byte is a character (Latin-1). Of keys, tokens and passwords only the beginning is told, of URLs all but password, query and fragment, of commands all but these, and what options say of headers, cookies, data and users; then the SHA-256 of the whole follows. Of the header of a program its format is told`,
  artifact_category: "the kind of text in the same list",
  memory_address: "where it begins; of a text that stands in many places the first 3",
  confidence:
    "0.95 for private keys and tokens with their issuer's prefix; 0.9 for the header of a program in memory that may be run and is of no file, 0.5 at the beginning of another page of no file; 0.8 for URLs, JSON web tokens and commands, 0.7 for addresses with a port, paths of secrets and libraries in folders that all may write to, 0.5 for paths that make programs start, 0.4 for named passwords, and files in shared memory or hidden among temporary ones",
  context:
    "`/proc/<pid>/smaps` of the region; `length` in bytes; `before` is the name that stands before it with a colon or an equals sign, if one does: nothing else around it is told, because it may be as secret",
  extraction_time: "the clock when the search began",
};

const BLOCKS =
  "the chain of blocks of glibc (malloc/malloc.c) on machines of 64 bits, read from `/proc/<pid>/mem`; NULL for other allocators, of which only the heap that brk(2) moves, and what they name so, is a row";

/** Where `heap_analysis` has its columns from on Linux. */
export const heapSources: ColumnSources<typeof heap_analysis, "linux"> = {
  ...IDENTITY,
  heap_address:
    "`/proc/<pid>/maps`: `[heap]`, regions that an allocator names so (prctl(2), `PR_SET_VMA`), and anonymous ones at a multiple of 64 MB that begin as those of glibc's arenas",
  heap_size: "`/proc/<pid>/maps`, the difference of the addresses",
  allocation_count:
    `${BLOCKS}. Blocks that a thread keeps at hand (tcache, fastbins) look as if they were in use; large ones of more than 128 kB have mappings of their own and do not count`,
  free_count: `${BLOCKS}; without what is free behind the last block`,
  leak_count: {
    always_null:
      "to find what nothing points to, all memory has to be read while the process stands still",
  },
  fragmentation:
    `${BLOCKS}; share of free blocks in all, without what is free behind the last block`,
  largest_allocation: `${BLOCKS}; the room in it, malloc_usable_size(3)`,
  average_allocation: `${BLOCKS}; the room in them, malloc_usable_size(3)`,
  analysis_time: "the clock when the heap was read",
};
