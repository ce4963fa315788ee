import type { Platform } from "../../../schema/types.ts";

/** A function, or data, that a file takes from a library or gives to others. */
export interface ProgramSymbol {
  /** Whether the file takes it or gives it. */
  readonly type: "import" | "export";
  /** Library that it is taken from, where the file says so. */
  readonly library?: string;
  /** Its name; absent where there is only an ordinal, and of a library of which no function is named. */
  readonly name?: string;
  /** Its number in its library, where it has one. */
  readonly ordinal?: number;
  /** Address within the image, `0x` and hexadecimal digits. */
  readonly address?: string;
}

/** How much there is to a file. */
export interface Counts {
  /** Sections. */
  readonly sections: number;
  /** Entries of all its tables of symbols. */
  readonly symbols: number;
  /** Libraries that it asks for. */
  readonly libraries: number;
}

/**
 * A program file, whatever its format. What is damaged is left out, as the system would not find it either; every
 * function throws `Exhausted` where the file takes more than it may.
 */
export interface Program {
  /** Its format. */
  readonly format: "ELF" | "PE" | "Mach-O" | "script" | "unknown";
  /** Processor that it is for, as `uname -m` calls it; several with commas. */
  readonly architecture?: string;
  /** Operating system that it is for, where it says so. */
  platform(): Platform | undefined;
  /** Compiler, as it names it. */
  compiler(): string | undefined;
  /** Linker, packer or bundler, as it shows it. */
  buildTool(): string | undefined;
  /** How much there is to it; `undefined` for what has no such parts. */
  counts(): Counts | undefined;
  /** What it takes and gives. */
  symbols(): Iterable<ProgramSymbol>;
}

/** A file of which nothing is known. */
export const UNKNOWN: Program = {
  format: "unknown",
  platform: () => undefined,
  compiler: () => undefined,
  buildTool: () => undefined,
  counts: () => undefined,
  symbols: () => [],
};

/** Symbols of one file that are told at most. */
export const MAX_SYMBOLS = 100_000;

/** Entries of one table of symbols that are looked at at most. */
export const MAX_TABLE = 2_000_000;
