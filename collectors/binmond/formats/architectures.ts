/**
 * Names of processors, as `uname -m` gives them on Linux, by the number in the header of each format. A number that is
 * not listed has no name.
 */

/** `EM_*` of ELF (https://www.sco.com/developers/gabi/latest/ch4.eheader.html); of some the class or order decides. */
export function elfArchitecture(
  machine: number,
  is64: boolean,
  littleEndian: boolean,
): string | undefined {
  switch (machine) {
    case 8:
      return `mips${is64 ? "64" : ""}${littleEndian ? "el" : ""}`;
    case 21:
      return littleEndian ? "ppc64le" : "ppc64";
    case 22:
      return is64 ? "s390x" : "s390";
    case 183:
      return littleEndian ? "aarch64" : "aarch64_be";
    case 243:
      return is64 ? "riscv64" : "riscv32";
    case 258:
      return is64 ? "loongarch64" : "loongarch32";
    default:
      return ELF_MACHINES[machine];
  }
}

const ELF_MACHINES: Readonly<Record<number, string>> = {
  2: "sparc",
  3: "i386",
  4: "m68k",
  15: "parisc",
  18: "sparc",
  20: "ppc",
  40: "arm",
  42: "sh4",
  43: "sparc64",
  50: "ia64",
  62: "x86_64",
  93: "arc",
  94: "xtensa",
  189: "microblaze",
  195: "arc",
  224: "amdgpu",
  247: "bpf",
  252: "csky",
  0x9026: "alpha",
};

/** `IMAGE_FILE_MACHINE_*` of PE (https://learn.microsoft.com/windows/win32/debug/pe-format#machine-types). */
export const PE_MACHINES: Readonly<Record<number, string>> = {
  0x014c: "i386",
  0x01c0: "arm",
  0x01c2: "arm",
  0x01c4: "arm",
  0x0200: "ia64",
  0x0ebc: "ebc",
  0x5032: "riscv32",
  0x5064: "riscv64",
  0x6232: "loongarch32",
  0x6264: "loongarch64",
  0x8664: "x86_64",
  0xaa64: "aarch64",
};

/** `CPU_TYPE_*` of Mach-O (mach/machine.h). */
export const MACHO_CPUS: Readonly<Record<number, string>> = {
  0x0000_0007: "i386",
  0x0000_000c: "arm",
  0x0000_0012: "ppc",
  0x0100_0007: "x86_64",
  0x0100_000c: "aarch64",
  0x0100_0012: "ppc64",
  0x0200_000c: "arm64_32",
};
