import { fromFileUrl } from "@std/path";
import type { Opened } from "./fanotify/opener.ts";
import { startOwner } from "./owner.ts";

/** What tells of files, for one collector. */
export interface FileWatch extends Opened {
  /** Ends it and removes its pipes. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Powers of root that the opener needs: to watch whole filesystems, to hand the power of looking at any file on to the
 * reader, to make the reader somebody else, and to take its powers away.
 */
const CAPABILITIES = ["sys_admin", "dac_read_search", "setuid", "setgid", "setpcap"];

/**
 * Starts what watches every filesystem through fanotify(7), outside of any confinement because the kernel tells process
 * ids as the reader's namespace counts them: the opener, and the reader without its powers. It dies with this process.
 *
 * @param libc the file of the C library
 * @param cache Deno's cache; it is not written to
 * @param signal aborted where nobody wants it any more before it watches
 * @throws {Error} in words, where this host does not allow it
 */
export async function openFileWatch(
  libc: string,
  cache: string,
  signal?: AbortSignal,
): Promise<FileWatch> {
  const bounding = ["-all", ...CAPABILITIES.map((name) => `+${name}`)].join(",");
  const { said, close } = await startOwner(
    {
      program: "setpriv",
      // deno-fmt-ignore
      args: [
      "--pdeathsig", "KILL", "--no-new-privs", "--inh-caps", "-all", "--bounding-set", bounding, "--",
      "setsid",
      "unshare", "--net", "--ipc", "--uts", "--",
      Deno.execPath(), "run", "--quiet", "--no-prompt", "--cached-only", "--no-code-cache", "--no-config", "--no-lock",
      "--no-npm", "--no-remote", "--allow-all",
      fromFileUrl(new URL("fanotify/opener.ts", import.meta.url)), libc,
    ],
    },
    { env: { DENO_DIR: cache }, signal },
  );
  const opened: Opened = JSON.parse(said);
  return { ...opened, close };
}
