// What code that has taken over a collector would try through the C library, where no permission of Deno holds it.

const text = (path: string) => new TextEncoder().encode(path + "\0");

/** Constants of the kernel's interface on Linux. */
const AT_FDCWD = -100,
  O_RDONLY = 0,
  O_WRONLY = 1,
  O_RDWR = 2,
  O_CREAT = 0o100,
  O_NONBLOCK = 0o4000,
  O_DIRECTORY = 0o200000;
const AF_UNIX = 1, AF_INET = 2, AF_PACKET = 17, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3;
const SIGTERM = 15, PTRACE_SEIZE = 0x4206, CLONE_NEWNET = 0x4000_0000;
const MS_REMOUNT = 32, MS_BIND = 4096, MNT_DETACH = 2, TIOCSTI = 0x5412;

/** What an attack aims at. */
export interface Target {
  /** Where the process tree stands; empty where there is none. */
  readonly procRoot: string;
  /** Where the host's files stand; absent where they do not. */
  readonly filesRoot?: string;
  /** A folder of the host with things of root and of everybody. */
  readonly folder: string;
  /** A process of the host. */
  readonly pid: number;
  /** The process that started this one. */
  readonly agent: number;
  /** A port of loopback that is listened on. */
  readonly port: number;
  /** The name of an abstract socket that is listened on. */
  readonly abstract: string;
}

/** The attempts by name; each tells whether it succeeded. */
export function nativeAttempts(
  libc: string,
  { procRoot, filesRoot, folder, pid, agent, port, abstract }: Target,
): Readonly<Record<string, () => boolean>> {
  const { symbols: c } = Deno.dlopen(libc, {
    openat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    kill: { parameters: ["i32", "i32"], result: "i32" },
    pidfd_send_signal: { parameters: ["i32", "i32", "usize", "u32"], result: "i32" },
    pidfd_open: { parameters: ["i32", "u32"], result: "i32" },
    ptrace: { parameters: ["i64", "i32", "usize", "usize"], result: "i64" },
    process_vm_readv: {
      parameters: ["i32", "buffer", "u64", "buffer", "u64", "u64"],
      result: "isize",
    },
    setuid: { parameters: ["u32"], result: "i32" },
    mount: { parameters: ["buffer", "buffer", "buffer", "u64", "usize"], result: "i32" },
    umount2: { parameters: ["buffer", "i32"], result: "i32" },
    chroot: { parameters: ["buffer"], result: "i32" },
    setns: { parameters: ["i32", "i32"], result: "i32" },
    setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  });
  const open = (path: string, flags: number) => c.openat(AT_FDCWD, text(path), flags, 0o644);
  const reads = (path: string) => {
    const file = open(path, O_RDONLY);
    return file >= 0 && c.read(file, new Uint8Array(16), 16n) > 0n;
  };
  const writes = (path: string) => open(path, O_WRONLY | O_CREAT) >= 0;
  const connects = (family: number, address: Uint8Array<ArrayBuffer>) => {
    const socket = c.socket(family, SOCK_STREAM, 0);
    return socket >= 0 && c.connect(socket, address, address.length) === 0;
  };
  const internet = (a: number, b: number, d: number, e: number, to: number) =>
    Uint8Array.of(AF_INET, 0, to >> 8, to & 0xff, a, b, d, e, 0, 0, 0, 0, 0, 0, 0, 0);

  const socket = (path: string) =>
    connects(AF_UNIX, Uint8Array.from([AF_UNIX, 0, ...text(`${filesRoot}${folder}/${path}`)]));
  const amongFiles = filesRoot === undefined ? {} : {
    "natively write a file of root among the host's": () =>
      writes(`${filesRoot}${folder}/roots-file`),
    "natively create a file in a folder of everybody among the host's": () =>
      writes(`${filesRoot}${folder}/everybody/evil`),
    "natively write to a pipe of everybody among the host's": () =>
      open(`${filesRoot}${folder}/everybody/pipe`, O_RDWR | O_NONBLOCK) >= 0,
    "natively write to a pipe of root among the host's": () =>
      open(`${filesRoot}${folder}/roots-pipe`, O_RDWR | O_NONBLOCK) >= 0,
    "natively connect to a socket of everybody among the host's": () => socket("everybody/socket"),
    "natively connect to a socket of root among the host's": () => socket("roots-socket"),
    "natively make the host's files writable": () =>
      c.mount(text("none"), text(filesRoot), text(""), BigInt(MS_REMOUNT | MS_BIND), 0n) === 0,
    "natively read the memory of another process among the host's files": () =>
      open(`${filesRoot}/proc/${pid}/mem`, O_RDONLY) >= 0,
  };

  return {
    ...amongFiles,
    "natively read /etc/shadow": () => reads("/etc/shadow"),
    "natively read /proc/self/root/etc/shadow": () => reads("/proc/self/root/etc/shadow"),
    "natively read through the root of process 1": () => reads(`${procRoot}/1/root/etc/shadow`),
    "natively read the old root": () => open("/old/etc", O_RDONLY | O_DIRECTORY) >= 0,
    "natively write to /usr/lib": () => writes("/usr/lib/evil"),
    "natively write to /tmp": () => writes("/tmp/evil"),
    "natively write a kernel setting": () => writes(`${procRoot}/sys/kernel/core_pattern`),
    "natively write the memory of another process": () =>
      open(`${procRoot}/${pid}/mem`, O_WRONLY) >= 0,
    "natively read the memory of the agent by its number": () => {
      const vector = new BigUint64Array([0x400000n, 16n]);
      return c.process_vm_readv(agent, vector, 1n, vector, 1n, 0n) > 0n;
    },
    "natively attach to another process": () => c.ptrace(BigInt(PTRACE_SEIZE), pid, 0n, 0n) >= 0n,
    "natively attach to the agent": () => c.ptrace(BigInt(PTRACE_SEIZE), agent, 0n, 0n) >= 0n,
    "natively signal another process": () => c.kill(pid, SIGTERM) === 0,
    "natively signal another process through its folder": () => {
      const folder = open(`${procRoot}/${pid}`, O_RDONLY | O_DIRECTORY);
      return folder >= 0 && c.pidfd_send_signal(folder, SIGTERM, 0n, 0) === 0;
    },
    "natively hold another process": () => c.pidfd_open(pid, 0) >= 0,
    "natively slow another process down": () => c.setpriority(0, pid, 19) === 0,
    "natively type into the terminal": () => {
      const terminal = open("/dev/tty", O_RDONLY);
      return terminal >= 0 && c.ioctl(terminal, BigInt(TIOCSTI), text("\n")) === 0;
    },
    "natively become root": () => {
      // Who is root already without its powers gains nothing by that.
      return Deno.readTextFileSync("/proc/self/status").includes("\nUid:\t0")
        ? false
        : c.setuid(0) === 0;
    },
    "natively mount": () => c.mount(text("none"), text("/cache"), text("tmpfs"), 0n, 0n) === 0,
    "natively make its root writable": () =>
      c.mount(text("none"), text("/"), text(""), BigInt(MS_REMOUNT | MS_BIND), 0n) === 0,
    "natively unmount": () => c.umount2(text("/hostproc"), MNT_DETACH) === 0,
    "natively change its root": () => c.chroot(text("/usr")) === 0,
    "natively enter the network of process 1": () => {
      const network = open(`${procRoot}/1/ns/net`, O_RDONLY);
      return network >= 0 && c.setns(network, CLONE_NEWNET) === 0;
    },
    "natively open a raw socket": () => c.socket(AF_PACKET, SOCK_RAW, 0) >= 0,
    "natively connect out": () => {
      // Without a connection nothing is awaited: the kernel says whether there is a way.
      const socket = c.socket(AF_INET, SOCK_DGRAM, 0);
      return c.connect(socket, internet(192, 0, 2, 1, 80), 16) === 0;
    },
    "natively connect to loopback": () => connects(AF_INET, internet(127, 0, 0, 1, port)),
    "natively connect to an abstract socket": () =>
      connects(AF_UNIX, Uint8Array.from([AF_UNIX, 0, 0, ...new TextEncoder().encode(abstract)])),
  };
}
