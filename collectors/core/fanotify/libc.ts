const SYMBOLS = {
  fanotify_init: { parameters: ["u32", "u32"], result: "i32" },
  fanotify_mark: { parameters: ["i32", "u32", "u64", "i32", "buffer"], result: "i32" },
  mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  open_by_handle_at: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** What watching files takes of the C library. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Loads the C library. Throws `Error` where it cannot be loaded. */
export function loadLibc(path: string): Libc {
  return Deno.dlopen(path, SYMBOLS).symbols;
}

/** Flags of open(2) on Linux. */
export const O = {
  RDONLY: 0,
  RDWR: 0o2,
  NONBLOCK: 0o4000,
  PATH: 0o10000000,
  CLOEXEC: 0o2000000,
} as const;

/** Text as C has it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** Descriptors to wait for, as poll(2) takes them. */
export function pollSet(
  descriptors: readonly { readonly fd: number; readonly events: number }[],
): { readonly bytes: Uint8Array<ArrayBuffer>; returned(index: number): number } {
  const bytes = new Uint8Array(8 * descriptors.length);
  const view = new DataView(bytes.buffer);
  for (const [index, { fd, events }] of descriptors.entries()) {
    view.setInt32(8 * index, fd, true);
    view.setInt16(8 * index + 4, events, true);
  }
  return { bytes, returned: (index) => view.getUint16(8 * index + 6, true) };
}

/** Events of poll(2). */
export const POLL = { IN: 0x1, PRI: 0x2, ERR: 0x8, HUP: 0x10 } as const;
