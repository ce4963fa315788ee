import { indexOfText } from "./texts.ts";
import type { Source } from "./source.ts";

/**
 * What packs or bundles programs, and the marks that it leaves: some text within the first or the last so many bytes of
 * the file. Of names of sections see {@linkcode PACKER_SECTIONS}.
 */
const MARKS: readonly {
  readonly name: string;
  readonly text: string;
  readonly within: number;
}[] = [
  // The header of its loader, and its trailer: https://github.com/upx/upx/blob/devel/doc/loader.txt
  { name: "UPX", text: "UPX!", within: 1024 },
  { name: "UPX", text: "UPX!", within: -64 },
  // Its archive's cookie: https://pyinstaller.org/en/stable/advanced-topics.html
  { name: "PyInstaller", text: "MEI\x0c\x0b\x0a\x0b\x0e", within: -65_536 },
  // https://github.com/AppImage/AppImageSpec/blob/master/draft.md
  { name: "AppImage", text: "AI\x01", within: 11 },
  { name: "AppImage", text: "AI\x02", within: 11 },
  // The trailer of `deno compile`, and that of `bun build --compile`.
  { name: "deno compile", text: "d3n0l4nd", within: -64 },
  { name: "bun", text: "\n---- Bun! ----\n", within: -64 },
];

/** Names of sections that only such programs have. */
const PACKER_SECTIONS: ReadonlyMap<string, string> = new Map(Object.entries({
  UPX0: "UPX",
  UPX1: "UPX",
  "UPX!": "UPX",
  ".aspack": "ASPack",
  ".adata": "ASPack",
  ".MPRESS1": "MPRESS",
  ".MPRESS2": "MPRESS",
  ".petite": "Petite",
  ".themida": "Themida",
  ".winlice": "Themida",
  ".vmp0": "VMProtect",
  ".vmp1": "VMProtect",
  ".enigma1": "Enigma",
  ".enigma2": "Enigma",
  ".ndata": "NSIS",
  ".note.node.sea": "Node.js single executable",
  NODE_SEA: "Node.js single executable",
  ".bun": "bun",
  d3n0l4nd: "deno compile",
}));

/** What has packed or bundled a file, where it shows that. */
export function findPacker(source: Source, sections: readonly string[]): string | undefined {
  const named = sections.map((name) => PACKER_SECTIONS.get(name)).find((name) =>
    name !== undefined
  );
  if (named !== undefined) return named;
  return MARKS.find(({ text, within }) => {
    const start = within < 0 ? Math.max(0, source.size + within) : 0;
    return indexOfText(source.read(start, Math.abs(within)), text) >= 0;
  })?.name;
}
