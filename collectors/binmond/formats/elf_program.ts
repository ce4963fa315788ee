import type { Platform } from "../../../schema/types.ts";
import { elfArchitecture } from "./architectures.ts";
import { type Elf, placeOf, PT, sectionBytes, SHT } from "./elf.ts";
import { readDynamic } from "./elf_dynamic.ts";
import { elfSymbolCount, elfSymbols } from "./elf_symbols.ts";
import { GO_SEARCHED, readGoBuild } from "./go.ts";
import { findPacker } from "./packers.ts";
import { decodeText } from "./source.ts";
import { rustCommit, SEARCHED, textsIn } from "./texts.ts";
import type { Program } from "./types.ts";

/** What an ELF file tells of itself. */
export function elfProgram(elf: Elf): Program {
  const { machine, is64, littleEndian } = elf;
  const architecture = machine === undefined
    ? undefined
    : elfArchitecture(machine, is64, littleEndian);
  const goBuild = () =>
    readGoBuild(sectionBytes(elf, ".go.buildinfo", GO_SEARCHED), (address, length) => {
      const place = placeOf(elf, address);
      return place
        ? elf.source.read(place.offset, Math.min(length, place.length))
        : new Uint8Array();
    });
  const comments = () => textsIn(sectionBytes(elf, ".comment", 65_536));
  return {
    format: "ELF",
    ...(architecture && { architecture }),
    platform: () => isForLinux(elf) || goBuild()?.platform === "linux" ? "linux" : undefined,
    compiler() {
      const go = goBuild();
      if (go) return go.version;
      const compilers = comments().filter((text) => !isLinker(text));
      const rust = compilers.some((text) => text.startsWith("rustc"))
        ? undefined
        : rustCommit(sectionBytes(elf, ".rodata", SEARCHED));
      return [...compilers, ...rust ? [rust] : []].join("; ") || undefined;
    },
    buildTool: () =>
      findPacker(elf.source, elf.sections().map(({ name }) => name)) ??
        comments().find(isLinker)?.replace(/^Linker: /, ""),
    counts: () => {
      const dynamic = readDynamic(elf);
      return {
        sections: elf.sections().length,
        symbols: elfSymbolCount(elf, dynamic),
        libraries: dynamic?.needed.length ?? 0,
      };
    },
    symbols: () => elfSymbols(elf),
  };
}

/** LLD and mold sign like compilers do. */
function isLinker(text: string): boolean {
  return /^(Linker: |mold )/.test(text);
}

/** `ELFOSABI_NONE` and `ELFOSABI_GNU`; those of other systems are others. */
const PLAIN_ABI = 0, GNU_ABI = 3;
/** The number of Linux in a note of the ABI (https://refspecs.linuxfoundation.org/LSB_5.0.0/). */
const LINUX_NOTE = 0;

/**
 * Whether a file says that it is for Linux: by its ABI, its loader, its note of the ABI, its C library, or as a module of the
 * kernel.
 * Most say nothing in the first of these.
 */
function isForLinux(elf: Elf): Platform | undefined {
  if (elf.abi === GNU_ABI) return "linux";
  if (elf.abi !== PLAIN_ABI) return undefined;
  const interpreter = elf.segments().find(({ type }) => type === PT.INTERP);
  const loader = interpreter ? elf.source.text(interpreter.offset) ?? "" : "";
  if (/\/ld(-linux|64\.so|\.so\.1$|-musl)|\/linker(64)?$/.test(loader)) return "linux";
  const notes = [
    ...elf.segments().filter(({ type }) => type === PT.NOTE),
    ...elf.sections().filter(({ type }) => type === SHT.NOTE),
  ];
  const note = notes.slice(0, 64).some(({ offset, size }) => {
    const bytes = elf.source.read(offset, Math.min(size, 4096));
    const fields = elf.fields(bytes);
    for (let at = 0; at + 20 <= bytes.length;) {
      const [nameSize, valueSize, type] = [0, 4, 8].map((field) => fields.u32(at + field)) as [
        number,
        number,
        number,
      ];
      const isGnu = decodeText(bytes.subarray(at + 12, at + 16)) === "GNU\0";
      if (isGnu && type === 1) return fields.u32(at + 16) === LINUX_NOTE;
      at += 12 + 4 * Math.ceil(nameSize / 4) + 4 * Math.ceil(valueSize / 4);
    }
    return false;
  });
  const asks = readDynamic(elf)?.needed.some((name) =>
    /^(libc\.so\.6(\.1)?|libc\.musl-.*)$/.test(name)
  );
  return note || asks || elf.sections().some(({ name }) => name === ".modinfo")
    ? "linux"
    : undefined;
}
