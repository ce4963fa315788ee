import { openFile, output } from "./binmond/readelf.ts";

/** Where this host has its programs. */
export const PROGRAM_FOLDERS: readonly string[] = ["/usr/bin", "/usr/sbin"];

/** For find(1): without what other tests put among the files of this host, and take away again. */
const NOT_OURS: readonly string[] = ["-not", "-name", "daemoneye-*"];

/** The files of this host in some folders, sorted, each once; `tests` are those of find(1). */
export function foundFiles(folders: readonly string[], ...tests: readonly string[]): string[] {
  return output("find", ...folders, "-xdev", "-type", "f", ...tests, ...NOT_OURS)
    .split("\n").filter(Boolean).sort();
}

/** The ELF files of this host in some folders: programs and libraries. */
export function elfFiles(folders: readonly string[]): string[] {
  const tests = "-size -300M ( -perm /111 -o -name *.so* -o -name *.o -o -name *.ko )".split(" ");
  return foundFiles(folders, ...tests).filter((path) => {
    try {
      using source = openFile(path);
      return String.fromCharCode(...source.read(0, 4)) === "\x7fELF";
    } catch {
      return false;
    }
  });
}

/** About so many of them, from all over the list; all of them where the environment says `BINARIES=all`. */
export function sample(all: readonly string[], count: number): string[] {
  const step = Deno.env.get("BINARIES") === "all" ? 1 : Math.max(1, Math.floor(all.length / count));
  return all.filter((_, index) => index % step === 0);
}
