// Opens a fanotify group on every filesystem of the host, and two pipes with a name, then starts a reader that has them
// and none of the powers that opening took. It reads nothing itself but which filesystems are mounted, marks those that
// are mounted later, and removes the pipes at the end: when its standard input is closed. Arguments: the C library.
import { parseMountInfo } from "../../proc/mounts.ts";
import { cString, loadLibc, O, POLL, pollSet } from "./libc.ts";
import { type Filesystem, filesystems, mayTell } from "./mounted.ts";
import type { NamedFilesystem, ReaderPlaces } from "./reader.ts";
import { bytesToText, FAN } from "./records.ts";

/** What the opener says once it watches, a line of JSON. */
export interface Opened {
  /** The folder with the pipes `events` and `ask`. */
  readonly folder: string;
  /** Filesystems whose files cannot be watched, in words. */
  readonly lacks: readonly string[];
}

/** The user and group that the reader becomes; nobody else has its number. */
const NOBODY = "3669557250";

/** `FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME_TARGET | FAN_NONBLOCK`. */
const GROUP = 0x1e02;
/** `FAN_MARK_ADD | FAN_MARK_FILESYSTEM`. */
const MARK = 0x101;
const AT_FDCWD = -100;
const F_SETPIPE_SZ = 1031;
/** Bytes that wait for who reads what happens. */
const PIPE = 2 ** 20;
/** `f_fsid` of `struct statfs`, where it stands. */
const FSID = { at: 56, length: 8 };

const EVENTS = FAN.CREATE | FAN.CLOSE_WRITE | FAN.ATTRIB | FAN.OPEN_EXEC | FAN.RENAME | FAN.DELETE |
  FAN.ONDIR;

/** ms between two looks at what is mounted, however often that changes. */
const PAUSE = 100;

const MOUNT_INFO = "/proc/self/mountinfo";
const RUN = "/run";
/** Process ids mean something within their namespace only, and others may share the folder. */
const PREFIX = `daemoneye-files-${/\d+/.exec(Deno.readLinkSync("/proc/self/ns/pid"))}-`;

const libc = Deno.args[0]!;
const c = loadLibc(libc);

function fail(reason: string): never {
  console.error(reason);
  Deno.exit(1);
}

/** A filesystem's name for the reader; nothing where it has none, or tells no events. */
function nameOf({ path, type }: Filesystem): NamedFilesystem | undefined {
  if (!mayTell(type)) return undefined;
  const where = cString(path);
  const statfs = new Uint8Array(256);
  if (c.statfs(where, statfs) !== 0) return undefined;
  const filesystem = bytesToText(statfs.subarray(FSID.at, FSID.at + FSID.length));
  return { filesystem, path: bytesToText(where.subarray(0, -1)) };
}

/** Asks for the events of a filesystem; `false` where it tells none. */
function mark(group: number, { path }: Filesystem): boolean {
  return c.fanotify_mark(group, MARK, BigInt(EVENTS), AT_FDCWD, cString(path)) === 0;
}

function openPipe(path: string, mode: number, flags: number): number {
  if (c.mkfifo(cString(path), 0o600) !== 0) fail(`${path} cannot be made`);
  Deno.chmodSync(path, mode);
  // Both ends: so nothing waits for who reads or writes to come, nor ends when they go.
  const fd = c.open(cString(path), O.RDWR | flags);
  if (fd < 0) fail(`${path} cannot be opened`);
  return fd;
}

/** Removes what others of the kind have left behind that were killed. */
function removeLeftovers(): void {
  for (const { name } of Deno.readDirSync(RUN)) {
    if (!name.startsWith(PREFIX)) continue;
    const [pid] = name.slice(PREFIX.length).split("-");
    try {
      if (Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("fanotify/opener.ts")) continue;
    } catch {
      // It has ended.
    }
    Deno.removeSync(`${RUN}/${name}`, { recursive: true });
  }
}

/** The command line that runs the reader with nothing but the power to look at files. */
function readerCommand(places: ReaderPlaces): Deno.Command {
  const caps = "-all,+dac_read_search";
  return new Deno.Command("setpriv", {
    // deno-fmt-ignore
    args: [
      "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs",
      "--inh-caps", caps, "--ambient-caps", caps, "--bounding-set", caps, "--pdeathsig", "KILL", "--",
      Deno.execPath(), "run", "--quiet", "--no-prompt", "--cached-only", "--no-code-cache", "--no-config", "--no-lock",
      "--no-npm", "--no-remote", "--v8-flags=--expose-gc", `--allow-ffi=${places.libc}`,
      new URL("reader.ts", import.meta.url).href, JSON.stringify(places),
    ],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  });
}

if (import.meta.main) {
  const group = c.fanotify_init(GROUP, O.RDONLY);
  if (group < 0) fail("the kernel gives no events of files to this process, or is older than 5.17");
  removeLeftovers();
  const folder = Deno.makeTempDirSync({ dir: RUN, prefix: `${PREFIX}${Deno.pid}-` });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  const events = openPipe(`${folder}/events`, 0o600, 0);
  c.fcntl(events, F_SETPIPE_SZ, PIPE);
  const ask = openPipe(`${folder}/ask`, 0o622, O.NONBLOCK);
  const reader = readerCommand({ libc, group, events, ask, agent: Deno.ppid, opener: Deno.pid })
    .spawn();
  const writer = reader.stdin.getWriter();
  /** What was marked, by its device: the number of what was unmounted is given to the next. */
  const known = new Map<string, string | undefined>();

  /** Marks what is mounted and was not; what of it cannot be watched, in words. */
  const markAll = (): readonly string[] => {
    const lacks: string[] = [];
    const all = filesystems(parseMountInfo(Deno.readTextFileSync(MOUNT_INFO)));
    const mounted = new Set(all.map(({ device }) => device));
    for (const device of known.keys()) if (!mounted.has(device)) known.delete(device);
    for (const one of all) {
      const named = nameOf(one);
      if (known.has(one.device) && known.get(one.device) === named?.filesystem) continue;
      known.set(one.device, named?.filesystem);
      if (named && mark(group, one)) {
        writer.write(new TextEncoder().encode(JSON.stringify(named) + "\n"));
      } else lacks.push(`events of files on ${one.path} (${one.type} does not tell them)`);
    }
    return lacks;
  };
  const lacks = markAll();
  console.log(JSON.stringify({ folder, lacks } satisfies Opened));

  /** Marks what is mounted later, as soon as it is. */
  const follow = async () => {
    const mounted = c.open(cString(MOUNT_INFO), O.RDONLY | O.CLOEXEC);
    const descriptors = pollSet([{ fd: mounted, events: POLL.PRI }]);
    while (mounted >= 0) {
      await c.poll(descriptors.bytes, 1n, -1);
      markAll();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  follow();
  const ended = reader.status.then(() => 1);
  const told = (async () => {
    while (await Deno.stdin.read(new Uint8Array(1)) !== null);
    return 0;
  })();
  const code = await Promise.race([ended, told]);
  remove();
  // The reader dies with this process.
  Deno.exit(code);
}
