import { DELETED_MARK, parseExecutableLink } from "../proc/executable.ts";
import type { Region } from "./smaps.ts";

/** What a region is for, a value of `region_type`. */
export type RegionType = "heap" | "stack" | "code" | "data" | "mapped" | "anonymous" | "kernel";

/** Names in brackets that the kernel gives to its own pages in an address space. */
const KERNEL = /^\[(?:vdso|vvar|vvar_vclock|vsyscall|vectors|sigpage|uprobes|timens_vvar)\]$/;
/** `[heap]` is what brk(2) moves; the others are names that allocators give to theirs (prctl(2), PR_SET_VMA). */
const HEAP = /^\[(?:heap|anon: ?(?:glibc: malloc.*|libc_malloc|scudo:.*|dalvik-.*heap.*))\]$/;
const STACK = /^\[(?:stack(?::\d+)?|anon: ?(?:glibc: pthread stack.*|stack_and_tls.*))\]$/;
/** Files that shared memory without a file has in the kernel. */
const SHARED_ANONYMOUS = /^\/dev\/zero \(deleted\)$/;

/** The path of the mapped file without the mark of a deleted one; `null` for memory that is of no file. */
export function fileOf({ name, file }: Region): string | null {
  if (file === undefined || SHARED_ANONYMOUS.test(name) || !name.startsWith("/")) return null;
  return parseExecutableLink(name).path;
}

/** Whether a region is of a file that can be opened by nobody else any more. */
export function isDeleted(region: Region): boolean {
  return fileOf(region) !== null && region.name.endsWith(DELETED_MARK);
}

/** Which files an address space runs code of. */
export function programsIn(regions: readonly Region[]): ReadonlySet<string> {
  return new Set(
    regions.flatMap(({ file, permissions }) => file && permissions[2] === "x" ? [file] : []),
  );
}

/**
 * What a region is for. Of a file: `code` where it may be run; `data` where it is private and of a file whose code is
 * mapped, too; else `mapped`. Without a file: by the name that it has; `anonymous` where that says nothing.
 */
export function typeOf(region: Region, programs: ReadonlySet<string>): RegionType {
  const { name, file, permissions } = region;
  if (KERNEL.test(name)) return "kernel";
  if (HEAP.test(name)) return "heap";
  if (STACK.test(name)) return "stack";
  if (fileOf(region) === null) return "anonymous";
  if (permissions[2] === "x") return "code";
  return permissions[3] === "p" && programs.has(file!) ? "data" : "mapped";
}
