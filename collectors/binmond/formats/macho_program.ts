import type { Platform } from "../../../schema/types.ts";
import { MACHO_CPUS } from "./architectures.ts";
import { GO_SEARCHED, readGoBuild } from "./go.ts";
import { LC, librariesOf, type MachO } from "./macho.ts";
import { machoSymbolCount, machoSymbols } from "./macho_symbols.ts";
import { findPacker } from "./packers.ts";
import { rustCommit, SEARCHED } from "./texts.ts";
import type { Program } from "./types.ts";

/** What the images of a Mach-O file tell of themselves. */
export function machoProgram(images: readonly MachO[]): Program {
  const architecture = [...new Set(images.map(({ cpu }) => MACHO_CPUS[cpu]))]
    .filter((name) => name !== undefined).join(",");
  const [first] = images;
  return {
    format: "Mach-O",
    ...(architecture && { architecture }),
    platform: () => images.map(platformOf).find((platform) => platform !== undefined),
    compiler() {
      if (!first) return undefined;
      const go = goVersion(first);
      if (go !== undefined) return go;
      const rust = rustCommit(sectionOf(first, "__const", SEARCHED)) ??
        rustCommit(sectionOf(first, "__cstring", SEARCHED));
      const tools = toolsOf(first).filter(({ tool }) => tool === "clang" || tool === "swift");
      return [...rust ? [rust] : [], ...tools.map(inWords)].join("; ") || undefined;
    },
    buildTool() {
      if (!first) return undefined;
      const packer = findPacker(first.source, first.sections.map(({ name }) => name)) ??
        findPacker(first.source, first.sections.map(({ segment }) => segment));
      const linker = toolsOf(first).find(({ tool }) => tool === "ld" || tool === "lld");
      return packer ?? (linker && inWords(linker));
    },
    counts: () => ({
      sections: sum(images, ({ sections }) => sections.length),
      symbols: sum(images, machoSymbolCount),
      libraries: sum(images, (image) => librariesOf(image).length),
    }),
    symbols: () => machoSymbols(images),
  };
}

function sum(images: readonly MachO[], count: (image: MachO) => number): number {
  return images.reduce((total, image) => total + count(image), 0);
}

function sectionOf({ source, sections }: MachO, name: string, limit: number): Uint8Array {
  const found = sections.find((one) => one.name === name);
  return found ? source.read(found.offset, Math.min(found.size, limit)) : new Uint8Array();
}

function goVersion(image: MachO): string | undefined {
  const { source, sections } = image;
  return readGoBuild(sectionOf(image, "__go_buildinfo", GO_SEARCHED), (address, length) => {
    const place = sections.find((one) =>
      address >= one.address && address - one.address < one.size
    );
    return place ? source.read(place.offset + address - place.address, length) : new Uint8Array();
  })?.version;
}

/** `PLATFORM_MACOS` of mach-o/loader.h; the others are telephones, watches and the like. */
const MACOS = 1;

function platformOf({ commands }: MachO): Platform | undefined {
  return commands.some(({ type, fields }) =>
      type === LC.VERSION_MIN_MACOSX || type === LC.BUILD_VERSION && fields.u32(8) === MACOS
    )
    ? "macos"
    : undefined;
}

/** `TOOL_*` of mach-o/loader.h. */
const TOOLS: Readonly<Record<number, string>> = { 1: "clang", 2: "swift", 3: "ld", 4: "lld" };

interface Tool {
  readonly tool: string;
  readonly version: number;
}

/** What an image says it was built with. */
function toolsOf({ commands }: MachO): Tool[] {
  return commands.filter(({ type }) => type === LC.BUILD_VERSION).flatMap(({ fields }) => {
    const count = Math.min(fields.u32(20), Math.floor((fields.length - 24) / 8));
    return Array.from({ length: count }, (_, index) => ({
      tool: TOOLS[fields.u32(24 + 8 * index)] ?? "",
      version: fields.u32(28 + 8 * index),
    })).filter(({ tool }) => tool);
  });
}

/** Versions have two bytes, and one for each part after the first. */
function inWords({ tool, version }: Tool): string {
  return `${tool} ${version >>> 16}.${version >>> 8 & 0xff}.${version & 0xff}`;
}
