import { PE_MACHINES } from "./architectures.ts";
import { fieldsOf } from "./fields.ts";
import { GO_SEARCHED, readGoBuild } from "./go.ts";
import { findPacker } from "./packers.ts";
import { bytesAt, DIRECTORY, type Pe } from "./pe.ts";
import { peLibraryCount, peSymbols } from "./pe_symbols.ts";
import { indexOfText, rustCommit, SEARCHED } from "./texts.ts";
import { decodeText } from "./source.ts";
import type { Program } from "./types.ts";

/** `IMAGE_SUBSYSTEM_*` of what the firmware runs. */
const FIRMWARE = { first: 10, last: 13 } as const;

/** What a PE file tells of itself. */
export function peProgram(pe: Pe): Program {
  const architecture = PE_MACHINES[pe.machine];
  const section = (name: string, limit: number) => {
    const found = pe.sections.find((one) => one.name === name);
    return found ? pe.source.read(found.offset, Math.min(found.size, limit)) : new Uint8Array();
  };
  const goBuild = () =>
    readGoBuild(
      section(".data", GO_SEARCHED),
      (address, length) => bytesAt(pe, address - pe.base, length),
    );
  return {
    format: "PE",
    ...(architecture && { architecture }),
    platform: () =>
      pe.subsystem >= FIRMWARE.first && pe.subsystem <= FIRMWARE.last ? undefined : "windows",
    compiler() {
      const texts = section(".rdata", SEARCHED);
      return clrVersion(pe) ?? goBuild()?.version ??
        ([rustCommit(texts), gccVersion(texts) ?? richCompiler(pe)].filter(Boolean).join("; ") ||
          undefined);
    },
    buildTool() {
      const [major, minor] = pe.linker;
      const packer = findPacker(pe.source, pe.sections.map(({ name }) => name));
      return packer ?? (major || minor ? `linker ${major}.${minor}` : undefined);
    },
    counts: () => {
      let symbols = pe.symbolCount;
      for (const _ of peSymbols(pe)) symbols++;
      return { sections: pe.sections.length, symbols, libraries: peLibraryCount(pe) };
    },
    symbols: () => peSymbols(pe),
  };
}

/** Programs of .NET name the version of their runtime, in the root of their metadata (ECMA-335 II.24.2.1). */
function clrVersion(pe: Pe): string | undefined {
  const directory = pe.directories[DIRECTORY.CLR];
  if (!directory || directory.address === 0) return undefined;
  const header = bytesAt(pe, directory.address, 16);
  if (header.length < 16) return undefined;
  const root = bytesAt(pe, fieldsOf(header, true).u32(8), 272);
  if (root.length < 20 || decodeText(root.subarray(0, 4)) !== "BSJB") return undefined;
  const length = Math.min(fieldsOf(root, true).u32(12), 255);
  return `.NET ${decodeText(root.subarray(16, 16 + length)).replace(/\0.*$/s, "")}`;
}

/** GCC signs among the constants. */
function gccVersion(texts: Uint8Array): string | undefined {
  const at = indexOfText(texts, "GCC: (");
  return at < 0 ? undefined : decodeText(texts.subarray(at, at + 128)).replace(/\0.*$/s, "");
}

/**
 * Microsoft's linker signs between the two headers, behind the word `Rich`, with the number and the build of each of
 * its tools, each XORed with one key (http://bytepointer.com/articles/the_microsoft_rich_header.htm). Compilers of C and C++
 * are those with the highest build that have compiled anything; the same build names the version of Visual C++.
 */
function richCompiler(pe: Pe): string | undefined {
  const bytes = pe.source.read(0, Math.min(pe.start, 4096));
  const end = indexOfText(bytes, "Rich");
  if (end < 0 || end + 8 > bytes.length) return undefined;
  const fields = fieldsOf(bytes, true);
  const key = fields.u32(end + 4);
  let newest = 0;
  for (let at = end - 8; at >= 0; at -= 8) {
    const tool = (fields.u32(at) ^ key) >>> 0;
    if (tool === DANS) break;
    newest = Math.max(newest, tool & 0xffff);
  }
  return newest ? `Microsoft Visual C++ (build ${newest})` : undefined;
}

/** `DanS`, with which the signature begins. */
const DANS = 0x536e_6144;
