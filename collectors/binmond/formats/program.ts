import { parseElf } from "./elf.ts";
import { elfProgram } from "./elf_program.ts";
import { parseMachO } from "./macho.ts";
import { machoProgram } from "./macho_program.ts";
import { parsePe } from "./pe.ts";
import { peProgram } from "./pe_program.ts";
import type { Source } from "./source.ts";
import { type Program, UNKNOWN } from "./types.ts";

/** Finds out what a file is from its first bytes. What is none of the formats is `unknown`. */
export function readProgram(source: Source): Program {
  const magic = String.fromCharCode(...source.read(0, 4));
  if (magic.startsWith("#!")) return { ...UNKNOWN, format: "script" };
  if (magic === "\x7fELF") {
    const elf = parseElf(source);
    return elf ? elfProgram(elf) : { ...UNKNOWN, format: "ELF" };
  }
  if (magic.startsWith("MZ")) {
    const pe = parsePe(source);
    return pe ? peProgram(pe) : UNKNOWN;
  }
  const images = parseMachO(source);
  return images ? machoProgram(images) : UNKNOWN;
}
