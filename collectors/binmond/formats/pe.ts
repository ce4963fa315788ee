import { fieldsOf } from "./fields.ts";
import { decodeText, type Source } from "./source.ts";

/** A part of the image. */
export interface PeSection {
  /** Its name, at most 8 bytes. */
  readonly name: string;
  /** Where it stands in memory, from the image's base. */
  readonly address: number;
  /** Bytes that it has in memory. */
  readonly memorySize: number;
  /** Where it stands in the file. */
  readonly offset: number;
  /** Bytes that it has in the file. */
  readonly size: number;
}

/** A table that the headers point to. */
export interface Directory {
  /** Where it stands: an address from the image's base; of certificates a place in the file. */
  readonly address: number;
  /** Its length, where that is told. */
  readonly size: number;
}

/** Numbers of directories (https://learn.microsoft.com/windows/win32/debug/pe-format). */
export const DIRECTORY = {
  EXPORT: 0,
  IMPORT: 1,
  CERTIFICATES: 4,
  DELAY_IMPORT: 13,
  CLR: 14,
} as const;

/** A PE file (https://learn.microsoft.com/windows/win32/debug/pe-format). */
export interface Pe {
  /** Its bytes. */
  readonly source: Source;
  /** Where its signature `PE\0\0` stands. */
  readonly start: number;
  /** `IMAGE_FILE_MACHINE_*`. */
  readonly machine: number;
  /** Whether it is of the 64-bit kind, PE32+; `undefined` where the header ends before that. */
  readonly is64: boolean | undefined;
  /** Where memory is to begin. */
  readonly base: number;
  /** Version of the linker. */
  readonly linker: readonly [major: number, minor: number];
  /** `IMAGE_SUBSYSTEM_*`. */
  readonly subsystem: number;
  /** Entries of the table of symbols that some linkers leave. */
  readonly symbolCount: number;
  /** Its directories by number. */
  readonly directories: readonly Directory[];
  /** Its sections. */
  readonly sections: readonly PeSection[];
}

/** Sections that are looked at; the format's description lets Windows load 96. */
const MAX_SECTIONS = 1024;

/** Reads the headers; `undefined` where there is no signature, as in programs of MS-DOS. */
export function parsePe(source: Source): Pe | undefined {
  const dos = source.read(0, 64);
  if (dos.length < 64) return undefined;
  const start = fieldsOf(dos, true).u32(60);
  const bytes = source.read(start, 24);
  if (bytes.length < 24 || decodeText(bytes.subarray(0, 4)) !== "PE\0\0") return undefined;
  const coff = fieldsOf(bytes, true);
  const optionalSize = coff.u16(20);
  const optional = fieldsOf(source.read(start + 24, optionalSize), true);
  const magic = optional.length >= 2 ? optional.u16(0) : 0;
  const is64 = magic === 0x20b ? true : magic === 0x10b ? false : undefined;
  const u8 = (at: number) => at < optional.length ? optional.u8(at) : 0;
  const u32 = (at: number) => at + 4 <= optional.length ? optional.u32(at) : 0;
  const first = is64 ? 112 : 96;
  const count = is64 === undefined ? 0 : Math.min(16, u32(first - 4));
  return {
    source,
    start,
    machine: coff.u16(4),
    is64,
    base: is64 ? u32(24) + u32(28) * 2 ** 32 : u32(28),
    linker: [u8(2), u8(3)],
    subsystem: u32(68) & 0xffff,
    symbolCount: Math.min(coff.u32(12), Math.floor(source.size / 18)),
    directories: Array.from({ length: count }, (_, index) => ({
      address: u32(first + 8 * index),
      size: u32(first + 8 * index + 4),
    })),
    // Where sections are aligned to less than a page, the loader takes their places as they are, else rounded to sectors.
    sections: readSections(
      source,
      start + 24 + optionalSize,
      coff.u16(6),
      u32(32) < 4096 ? 1 : 512,
    ),
  };
}

function readSections(source: Source, offset: number, count: number, sector: number): PeSection[] {
  const bytes = source.read(offset, Math.min(count, MAX_SECTIONS) * 40);
  const fields = fieldsOf(bytes, true);
  const sections: PeSection[] = [];
  for (let at = 0; at + 40 <= bytes.length; at += 40) {
    sections.push({
      name: decodeText(bytes.subarray(at, at + 8)).replace(/\0.*$/s, ""),
      memorySize: fields.u32(at + 8),
      address: fields.u32(at + 12),
      size: fields.u32(at + 16),
      offset: fields.u32(at + 20) - fields.u32(at + 20) % sector,
    });
  }
  return sections;
}

/** Where an address from the image's base stands in the file; `undefined` where it has nothing there. */
export function offsetOf({ sections, source }: Pe, address: number): number | undefined {
  for (const section of sections) {
    const within = address - section.address;
    if (within >= 0 && within < Math.max(section.size, section.memorySize)) {
      return within < section.size ? section.offset + within : undefined;
    }
  }
  // Before the first section lie the headers as they are.
  const first = Math.min(...sections.map((section) => section.address), source.size);
  return address < first ? address : undefined;
}

/** Bytes at an address from the image's base; none where the file has nothing there. */
export function bytesAt(pe: Pe, address: number, length: number): Uint8Array {
  const offset = offsetOf(pe, address);
  return offset === undefined ? new Uint8Array() : pe.source.read(offset, length);
}

/** The text at an address from the image's base. */
export function textAt(pe: Pe, address: number): string | undefined {
  const offset = offsetOf(pe, address);
  return offset === undefined ? undefined : pe.source.text(offset);
}
