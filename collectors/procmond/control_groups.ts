/** What `/proc/<pid>/cgroup` says of a process. */
export interface ControlGroups {
  /** Every membership, as JSON. */
  readonly json: string;
  /** Id of the container that the process is in. */
  readonly container_id: string | null;
}

/**
 * Names that container engines give to control groups, as the last part of a path, the most specific first: Docker,
 * containerd and Kubernetes, CRI-O and Podman use 64 hexadecimal digits with or without a prefix; LXC and systemd-nspawn
 * use the container's own name.
 */
const CONTAINERS: readonly RegExp[] = [
  /(?:^|[/:_-])([0-9a-f]{64})(?:\.scope|\.slice)?(?:\/|$)/,
  /\/lxc(?:\.payload)?[./]([^/]+)/,
  /\/(?:systemd-nspawn@|machine-(?!qemu|libvirt))([^/]+?)\.(?:service|scope)(?:\/|$)/,
];

/** Reads `/proc/<pid>/cgroup`, whose lines are `hierarchy:controllers:path` (cgroups(7)). */
export function parseControlGroups(text: string): ControlGroups {
  const groups: { hierarchy: number; controllers: string[]; path: string }[] = [];
  let container_id: string | null = null;
  for (const line of text.split("\n")) {
    const first = line.indexOf(":");
    const second = line.indexOf(":", first + 1);
    const hierarchy = Number(line.slice(0, Math.max(0, first)) || NaN);
    if (second < 0 || !Number.isSafeInteger(hierarchy)) continue;
    const controllers = line.slice(first + 1, second).split(",").filter((name) => name !== "");
    const path = line.slice(second + 1);
    groups.push({ hierarchy, controllers, path });
    container_id ??= containerOf(path);
  }
  return { json: JSON.stringify(groups), container_id };
}

function containerOf(path: string): string | null {
  for (const pattern of CONTAINERS) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return unescapeUnit(id);
  }
  return null;
}

/** systemd writes what its unit names cannot hold as `\x2d`. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
