import { type HostFiles, openHostFiles } from "../../../collectors/filemond/host_files.ts";
import { openLibrary } from "../../../collectors/filemond/library.ts";
import { Failure } from "../../../collectors/proc/files.ts";

/** The C library of this host. */
export const LIBC = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`;

/** Whether it stands there. */
export function hasLibrary(): boolean {
  try {
    return Deno.build.os === "linux" && Deno.statSync(LIBC).isFile;
  } catch {
    return false;
  }
}

/** Opens the files of this host, or of one of its folders. */
export function openHere(folder = "/"): HostFiles {
  return openHostFiles(openLibrary(LIBC), folder);
}

/** Does something with a file that stands there. */
export function withFile<T>(files: HostFiles, path: string, act: (file: number) => T): T {
  const file = files.find(path);
  if (file instanceof Failure) throw new Error(`${path}: ${file.reason}`);
  try {
    return act(file);
  } finally {
    files.close(file);
  }
}

/** A new folder that is removed when it goes out of scope. */
export function makeFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "filemond-" });
  Deno.chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** What a program prints. Throws where it fails. */
export function output(program: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args,
    env: { LC_ALL: "C.UTF-8" },
  }).outputSync();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
