import { Failure } from "../proc/files.ts";

/** The calls of the C library that looking at files takes. */
const SYMBOLS = {
  syscall: { parameters: ["i64", "i32", "buffer", "buffer", "usize"], result: "i64" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "isize" },
  listxattr: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  getxattr: { parameters: ["buffer", "buffer", "buffer", "usize"], result: "isize" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  snprintf: { parameters: ["buffer", "usize", "buffer"], result: "i32" },
} as const;

/** The C library, open. */
export interface Library extends Disposable {
  /** Its calls. Texts end in a zero byte. */
  readonly calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  /** Why the last call failed. */
  failure(): Failure;
}

/** Messages of errors (strerror(3), without a locale) that have a meaning of their own here. */
const MEANINGS: Readonly<Record<string, Failure>> = {
  "No such file or directory": Failure.GONE,
  "Not a directory": Failure.GONE,
  "File name too long": Failure.GONE,
  "No data available": Failure.GONE,
  "Operation not supported": Failure.GONE,
  "Inappropriate ioctl for device": Failure.GONE,
  "Permission denied": Failure.DENIED,
  "Operation not permitted": Failure.DENIED,
};

/**
 * Opens the C library in this file. A call that fails leaves its reason where only pointers lead; `%m` of printf(3) puts
 * it into words.
 */
export function openLibrary(path: string): Library {
  const library = Deno.dlopen(path, SYMBOLS);
  const { snprintf } = library.symbols;
  const format = text("%m");
  const message = new Uint8Array(128);
  return {
    calls: library.symbols,
    failure() {
      const length = snprintf(message, BigInt(message.length), format);
      return MEANINGS[String.fromCharCode(...message.subarray(0, length))] ?? Failure.OTHER;
    },
    [Symbol.dispose]: () => library.close(),
  };
}

const encoder = new TextEncoder();

/** A text as C has it. */
export function text(value: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${value}\0`);
}
