import { decode, Failure, listFolder, type ProcFiles } from "../proc/files.ts";

/** What a process uses of graphics processors (drm-usage-stats.rst of the kernel). */
export interface Graphics {
  /** Ns for which each engine of each device has worked for it. */
  readonly engines: ReadonlyMap<string, number>;
  /** Bytes. */
  readonly memory: number;
}

/** Reads what a process uses of graphics processors; `null` where it has none open. */
export function readGraphics(files: ProcFiles, folder: string): Graphics | null | Failure {
  const fds = listFolder(files, `${folder}/fd`);
  if (fds instanceof Failure) return fds;
  const engines = new Map<string, number>();
  const clients = new Set<string>();
  let memory = 0;
  for (const fd of fds) {
    const target = files.link(`${folder}/fd/${fd}`);
    if (target instanceof Failure || !target.startsWith("/dev/dri/")) continue;
    const bytes = files.readPieces(`${folder}/fdinfo/${fd}`);
    if (bytes instanceof Failure) continue;
    const client = parseGraphics(decode(bytes));
    // A descriptor that was duplicated tells of the same client again.
    if (!client || clients.has(client.id)) continue;
    clients.add(client.id);
    memory += client.memory;
    for (const [name, used] of client.engines) engines.set(name, (engines.get(name) ?? 0) + used);
  }
  return clients.size ? { engines, memory } : null;
}

/** Reads what `fdinfo` tells of a client of a graphics driver; `undefined` where it tells of none. */
export function parseGraphics(text: string): Graphics & { readonly id: string } | undefined {
  const fields = new Map(
    [...text.matchAll(/^(drm-[\w-]+):\s*(.+)$/gm)].map(([, name, value]) => [name!, value!]),
  );
  const client = fields.get("drm-client-id");
  if (client === undefined) return undefined;
  const device = fields.get("drm-pdev") ?? fields.get("drm-driver") ?? "";
  const engines = new Map<string, number>();
  let [resident, older] = [0, 0];
  for (const [name, value] of fields) {
    const [, amount, unit] = /^(\d{1,18})(?: (ns|KiB|MiB))?$/.exec(value) ?? [];
    if (amount === undefined) continue;
    const bytes = Number(amount) * (unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 1024 : 1);
    if (unit === "ns" && name.startsWith("drm-engine-")) {
      engines.set(`${device} ${name}`, Number(amount));
    } else if (name.startsWith("drm-resident-")) resident += bytes;
    else if (name.startsWith("drm-memory-")) older += bytes;
  }
  return { id: `${device} ${client}`, engines, memory: resident || older };
}
