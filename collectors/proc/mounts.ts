/** A line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  /** Differs from mount to mount. */
  readonly id: number;
  /** The mount that it stands on. */
  readonly parent: number;
  /** Numbers of the device, joined by a colon. */
  readonly device: string;
  /** The folder of the filesystem that is mounted. */
  readonly root: string;
  /** Where it stands. */
  readonly mount_point: string;
  /** Of this mount. */
  readonly options: readonly string[];
  /** Its type. */
  readonly filesystem: string;
  /** What is mounted. */
  readonly source: string;
  /** Of the filesystem. */
  readonly super_options: readonly string[];
}

/** Reads `mountinfo`. Between the options and a dash there may be any number of fields that tell how mounts propagate. */
export function parseMountInfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const dash = fields.indexOf("-", 6);
    const [id, parent, device, root, mount_point, options] = fields;
    const [filesystem, source, super_options] = fields.slice(dash + 1);
    if (dash < 0 || super_options === undefined) return [];
    return [{
      id: Number(id),
      parent: Number(parent),
      device: device!,
      root: unescapeOctal(root!),
      mount_point: unescapeOctal(mount_point!),
      options: options!.split(","),
      filesystem: unescapeOctal(filesystem!),
      source: unescapeOctal(source!),
      super_options: super_options.split(",").map(unescapeOctal),
    }];
  });
}

/** A mount with what its filesystem has counted. */
export interface MountStatistics extends Pick<Mount, "mount_point" | "filesystem"> {
  /** What is mounted; `null` for what stands for no device. */
  readonly source: string | null;
  /** Lines in the filesystem's own words; only network filesystems have any. */
  readonly statistics: readonly string[];
}

const MOUNTED =
  /^(?:device (\S+)|no device) mounted on (\S+) with fstype (\S+)(?: (statvers=.*))?$/;

/** Reads `/proc/<pid>/mountstats`: a line for each mount, and lines that begin with white space for its statistics. */
export function parseMountStatistics(text: string): MountStatistics[] {
  const mounts: (MountStatistics & { statistics: string[] })[] = [];
  for (const line of text.split("\n")) {
    const [mounted, source, mount_point, filesystem, first] = MOUNTED.exec(line) ?? [];
    if (mounted !== undefined) {
      mounts.push({
        source: source === undefined ? null : unescapeOctal(source),
        mount_point: unescapeOctal(mount_point!),
        filesystem: unescapeOctal(filesystem!),
        statistics: first === undefined ? [] : [first],
      });
    } else if (/^\s/.test(line)) {
      const statistic = line.trim();
      if (statistic !== "") mounts.at(-1)?.statistics.push(statistic);
    }
  }
  return mounts;
}

/** The kernel writes what would end a field or a line, and the backslash itself, as a backslash and three octal digits. */
function unescapeOctal(text: string): string {
  return text.includes("\\")
    ? text.replace(/\\([0-3][0-7]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)))
    : text;
}
