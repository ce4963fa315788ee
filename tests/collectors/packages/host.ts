import { dirname } from "@std/path";
import { openHostPaths } from "../../../collectors/binmond/paths.ts";
import { openPackageRecords, type PackageRecord } from "../../../collectors/packages/records.ts";

/** A host that is made of a few files in a folder. */
export interface MadeHost extends Disposable {
  /** The folder. */
  readonly root: string;
  /** Writes a file, or a link where the content is one. */
  write(path: string, content: string | Uint8Array | { readonly link: string }): void;
  /** Removes a file. */
  remove(path: string): void;
  /** Opens its records. */
  open(): PackageRecord & Disposable;
}

/** Makes a host of some files. */
export function makeHost(
  files: Readonly<Record<string, string | Uint8Array | { readonly link: string }>> = {},
): MadeHost {
  const root = Deno.makeTempDirSync();
  Deno.chmodSync(root, 0o755);
  const host: MadeHost = {
    root,
    write(path, content) {
      Deno.mkdirSync(dirname(root + path), { recursive: true });
      if (typeof content === "string") Deno.writeTextFileSync(root + path, content);
      else if (content instanceof Uint8Array) Deno.writeFileSync(root + path, content);
      else Deno.symlinkSync(content.link, root + path);
    },
    remove: (path) => Deno.removeSync(root + path),
    open: () => openPackageRecords(openHostPaths(root)),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
  for (const [path, content] of Object.entries(files)) host.write(path, content);
  return host;
}

/** Where dpkg has its lists. */
export const INFO = "/var/lib/dpkg/info";

const MD5 = "0123456789abcdef0123456789abcdef";

/** A host with `/bin` as a link, and packages of dpkg: `shell` has `/bin/sh`, `tool:amd64` has `/usr/bin/tool`. */
export const DPKG_HOST = {
  "/usr/bin/sh": "shell",
  "/usr/bin/tool": "tool",
  "/usr/lib/tool/data": "data",
  "/bin": { link: "usr/bin" },
  [`${INFO}/shell.list`]: "/.\n/bin\n/bin/sh\n/usr\n/usr/share\n/usr/share/doc\n",
  [`${INFO}/shell.md5sums`]: `${MD5}  bin/sh\n`,
  [`${INFO}/tool:amd64.list`]:
    "/.\n/usr\n/usr/bin\n/usr/bin/tool\n/usr/lib\n/usr/lib/tool\n/usr/lib/tool/data\n/etc/tool.conf\n",
  [`${INFO}/tool:amd64.md5sums`]: `${MD5.replace("0", "f")}  usr/bin/tool\n`,
  "/var/lib/dpkg/status":
    "Package: shell\nStatus: install ok installed\nArchitecture: all\n\nPackage: tool\nStatus: install ok installed\nArchitecture: amd64\n\nPackage: gone\nStatus: deinstall ok config-files\n",
} as const;
