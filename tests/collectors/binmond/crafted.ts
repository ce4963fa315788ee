/** Puts bytes of a file together: numbers in its byte order, texts, and places that are filled in later. */
export interface Builder {
  /** How many bytes there are. */
  readonly length: number;
  /** Appends numbers of 1, 2, 4 or 8 bytes. */
  add(size: 1 | 2 | 4 | 8, ...values: readonly number[]): Builder;
  /** Appends texts, each with a NUL behind it; the place of the first. */
  text(...texts: readonly string[]): number;
  /** Appends NULs up to a place. */
  upTo(length: number): Builder;
  /** Writes a number where there is one already. */
  set(at: number, size: 1 | 2 | 4 | 8, value: number): Builder;
  /** The bytes. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** Makes a {@linkcode Builder}. */
export function build(littleEndian = true): Builder {
  const buffer = new Uint8Array(65_536);
  const view = new DataView(buffer.buffer);
  let length = 0;
  const builder: Builder = {
    get length() {
      return length;
    },
    add(size, ...values) {
      for (const value of values) {
        length += size;
        builder.set(length - size, size, value);
      }
      return builder;
    },
    text(...texts) {
      const start = length;
      for (const text of texts) {
        length += new TextEncoder().encodeInto(text, buffer.subarray(length)).written + 1;
      }
      return start;
    },
    upTo(end) {
      length = Math.max(length, end);
      return builder;
    },
    set(at, size, value) {
      if (size === 1) view.setUint8(at, value);
      else if (size === 2) view.setUint16(at, value, littleEndian);
      else if (size === 4) view.setUint32(at, value, littleEndian);
      else view.setBigUint64(at, BigInt(value), littleEndian);
      return builder;
    },
    bytes: () => buffer.slice(0, length),
  };
  return builder;
}

/** What a crafted ELF file is to be. */
export interface ElfOptions {
  readonly is64?: boolean;
  readonly littleEndian?: boolean;
  readonly machine?: number;
  /** What the hash table says of the number of symbols; the truth if absent. */
  readonly symbols?: number;
}

/**
 * An ELF file without sections, as a loader would take it: it imports `ptrace` and `socket` of `libc.so.6`, `secret` of
 * nobody, needs `libpcap.so.0.8`, and exports `run`, a function, and `trick`, which is said to be data and lies among code.
 */
export function craftElf(
  { is64 = true, littleEndian = true, machine = 62, symbols }: ElfOptions = {},
): Uint8Array<ArrayBuffer> {
  const word = is64 ? 8 : 4;
  const file = build(littleEndian);
  file.text("\x7fELF");
  file.set(4, 1, is64 ? 2 : 1).set(5, 1, littleEndian ? 1 : 2).set(6, 1, 1).upTo(16);
  file.add(2, 3, machine).add(4, 1);
  const header = is64 ? 64 : 52;
  const segment = is64 ? 56 : 32;
  file.add(word, 0, header, 0).add(4, 0).add(2, header, segment, 2, is64 ? 64 : 40, 0, 0);
  const segments = file.length;
  file.upTo(segments + 2 * segment);

  const strings = file.text("");
  const names: Record<string, number> = {};
  // deno-fmt-ignore
  for (const name of ["libc.so.6", "libpcap.so.0.8", "ptrace", "socket", "secret", "run", "trick", "GLIBC_2.2.5"]) {
    names[name] = file.text(name) - strings;
  }
  const stringsEnd = file.length;
  file.upTo(8 * Math.ceil(file.length / 8));

  const table = file.length;
  const symbol = (name: string, info: number, section: number, value: number) => {
    file.add(4, names[name] ?? 0);
    if (is64) file.add(1, info, 0).add(2, section).add(8, value, 0);
    else file.add(4, value, 0).add(1, info, 0).add(2, section);
  };
  symbol("", 0, 0, 0);
  for (const name of ["ptrace", "socket", "secret"]) symbol(name, 0x12, 0, 0);
  symbol("run", 0x12, 1, 0x40);
  symbol("trick", 0x11, 1, 0x48);

  const versions = file.length;
  file.add(2, 0, 2, 2, 1, 1, 1);
  file.upTo(8 * Math.ceil(file.length / 8));
  const needs = file.length;
  file.add(2, 1, 1).add(4, names["libc.so.6"]!, 16, 0);
  file.add(4, 0).add(2, 0, 2).add(4, names["GLIBC_2.2.5"]!, 0);
  const hash = file.length;
  file.add(4, 1, symbols ?? 6, 0);
  file.upTo(8 * Math.ceil(file.length / 8));

  const dynamic = file.length;
  // deno-fmt-ignore
  const tags: readonly (readonly [number, number])[] = [
    [1, names["libc.so.6"]!], [1, names["libpcap.so.0.8"]!], [5, strings], [6, table],
    [10, stringsEnd - strings], [4, hash], [0x6ffffff0, versions], [0x6ffffffe, needs], [0x6fffffff, 1], [0, 0],
  ];
  for (const [tag, value] of tags) file.add(word, tag, value);
  const end = file.length;
  const place = (at: number, type: number, start: number, size: number) => {
    const fields = is64
      ? [[4, type], [4, 5], [8, start], [8, start], [8, start], [8, size], [8, size], [8, 8]]
      : [[4, type], [4, start], [4, start], [4, start], [4, size], [4, size], [4, 5], [4, 8]];
    for (const [width, value] of fields as [4 | 8, number][]) {
      file.set(at, width, value);
      at += width;
    }
  };
  place(segments, 1, 0, end);
  place(segments + segment, 2, dynamic, end - dynamic);
  return file.bytes();
}

/**
 * A PE file. It imports `WriteProcessMemory` and ordinal 7 of `KERNEL32.dll`, when it comes to need it `WSAStartup` of
 * `WS2_32.dll`, and exports `Run` as 5, number 6 without a name, and `Pass`, which `OTHER.dll` has.
 */
export function craftPe(is64 = true): Uint8Array<ArrayBuffer> {
  const word = is64 ? 8 : 4;
  const file = build();
  file.text("MZ");
  file.upTo(60).add(4, 64);
  file.text("PE\0");
  file.add(2, is64 ? 0x8664 : 0x14c, 1).add(4, 0, 0, 0);
  const optional = is64 ? 240 : 224;
  file.add(2, optional, 2);
  const start = file.length;
  file.add(2, is64 ? 0x20b : 0x10b).add(1, 14, 42).upTo(start + (is64 ? 24 : 28));
  file.add(word, 0x400000).upTo(start + 68).add(2, 3).upTo(start + (is64 ? 108 : 92)).add(4, 16);
  const directories = file.length;
  file.upTo(start + optional);
  file.text(".text\0\0");
  const base = 0x1000;
  file.add(4, 0x1000, base, 0x1000, 0x200).upTo(0x200);
  const here = () => file.length - 0x200 + base;
  const text = (value: string) => file.text(value) - 0x200 + base;
  const name = (value: string) => {
    file.add(2, 0);
    return text(value) - 2;
  };

  const [kernel, sockets] = [text("KERNEL32.dll"), text("WS2_32.dll")];
  const [write, startup] = [name("WriteProcessMemory"), name("WSAStartup")];
  file.upTo(8 * Math.ceil(file.length / 8));
  const numbered = is64 ? 2 ** 63 + 7 : 2 ** 31 + 7;
  const lookup = here();
  if (is64) file.add(8, write).add(4, 7, 0x8000_0000).add(8, 0);
  else file.add(4, write, numbered, 0);
  const slots = here();
  if (is64) file.add(8, write).add(4, 7, 0x8000_0000).add(8, 0);
  else file.add(4, write, numbered, 0);
  const late = here();
  file.add(word, startup, 0);
  const imports = here();
  file.add(4, lookup, 0, 0, kernel, slots, 0, 0, 0, 0, 0);
  const delayed = here();
  file.add(4, 1, sockets, 0, late, late, 0, 0, 0).add(4, 0, 0, 0, 0, 0, 0, 0, 0);
  const exports = here();
  file.upTo(file.length + 40);
  const [run, pass] = [text("Run"), text("Pass")];
  const forwarder = text("OTHER.Passed");
  const own = text("crafted.dll");
  const addresses = here();
  file.add(4, 0x1800, 0x1900, forwarder);
  const names = here();
  file.add(4, pass, run);
  const numbers = here();
  file.add(2, 2, 0);
  const end = here();
  const at = exports - base + 0x200;
  for (const [index, value] of [0, 0, 0, own, 5, 3, 2, addresses, names, numbers].entries()) {
    file.set(at + 4 * index, 4, value);
  }
  const directory = (index: number, address: number, size: number) =>
    file.set(directories + 8 * index, 4, address).set(directories + 8 * index + 4, 4, size);
  directory(0, exports, end - exports);
  directory(1, imports, 40);
  directory(13, delayed, 64);
  return file.upTo(0x1200).bytes();
}

/** An image for `cpu` with chained imports `_ptrace` of a library and a trie that gives `_run` and `_rush`. */
export function craftMachO(cpu = 0x0100_000c): Uint8Array<ArrayBuffer> {
  const file = build();
  const library = "/usr/lib/libSystem.B.dylib";
  file.add(4, 0xfeed_facf, cpu, 0, 6, 4, 56 + 16 + 16 + 32, 0x80, 0);
  const named = file.length;
  file.add(4, 0xc, 56, 24, 0, 0, 0).text(library);
  file.upTo(named + 56);
  const chained = file.length;
  file.add(4, 0x8000_0034, 16, 0, 0);
  const exported = file.length;
  file.add(4, 0x8000_0033, 16, 0, 0);
  file.add(4, 0x32, 32, 1, 14 << 16, 14 << 16, 1, 3, 820 << 16 | 1 << 8);
  const fixups = file.length;
  file.add(4, 0, 28, 28, 32, 1, 1, 0).add(4, 1 | 1 << 9);
  file.text("", "_ptrace");
  file.set(chained + 8, 4, fixups).set(chained + 12, 4, file.length - fixups);
  const trie = file.length;
  file.add(1, 0, 1);
  file.text("_ru");
  file.add(1, 7, 0, 2);
  file.text("n");
  file.add(1, 16);
  file.text("sh");
  file.add(1, 20, 2, 0, 0x40, 0, 2, 0, 0x48, 0);
  file.set(exported + 8, 4, trie).set(exported + 12, 4, file.length - trie);
  return file.bytes();
}

/** Images in one file. */
export function craftFat(images: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const file = build(false);
  file.add(4, 0xcafe_babe, images.length);
  let at = 4096;
  for (const image of images) {
    file.add(4, new DataView(image.buffer, image.byteOffset).getUint32(4, true), 0, at);
    file.add(4, image.length, 12);
    at += 4096;
  }
  const bytes = new Uint8Array(at);
  bytes.set(file.bytes());
  for (const [index, image] of images.entries()) bytes.set(image, 4096 * (index + 1));
  return bytes;
}
