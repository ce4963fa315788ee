import { textIn } from "./sysfs.ts";

/** Share of the last 10 seconds, in percent, for which some, or all, who could have run waited for a resource. */
type Stalls = Readonly<Partial<Record<"some" | "full", number>>>;

const RESOURCES = ["cpu", "memory", "io"] as const;

/**
 * What the kernel says of the pressure in control groups (psi.rst), by the path of the group: as JSON such as
 * `{"cpu":{"some":1.5,"full":0},"memory":…,"io":…}`. NULL where it says nothing. Each group is read once.
 */
export function createPressure(sysRoot: string): (path: string) => string | null {
  const known = new Map<string, string | null>();
  const read = (path: string) => {
    // A process of a namespace other than ours has a path that leads above our root.
    if (path.split("/").includes("..")) return null;
    for (const mount of [`${sysRoot}/fs/cgroup/unified`, `${sysRoot}/fs/cgroup`]) {
      const found = RESOURCES.flatMap((resource) => {
        const stalls = parsePressure(textIn(`${mount}${path}/${resource}.pressure`) ?? "");
        return stalls ? [[resource, stalls]] : [];
      });
      if (found.length) return JSON.stringify(Object.fromEntries(found));
    }
    return null;
  };
  return (path) => {
    const value = known.has(path) ? known.get(path)! : read(path);
    known.set(path, value);
    return value;
  };
}

/** Reads a file such as `cpu.pressure`; `undefined` where it says nothing. */
export function parsePressure(text: string): Stalls | undefined {
  const stalls = [...text.matchAll(/^(some|full) avg10=(\d{1,3}\.\d\d) /gm)]
    .map(([, which, share]) => [which!, Number(share)]);
  return stalls.length ? Object.fromEntries(stalls) : undefined;
}
