import { assertEquals, assertMatch } from "@std/assert";
import { deflateSync } from "node:zlib";
import type { Resource } from "../../model/collection.ts";
import { collectKeys, openHere } from "./binmond/live.ts";
import { output } from "./binmond/readelf.ts";
import { drain, has, isLinux, testWith } from "./support.ts";

/** `SHF_COMPRESSED` (elf(5)). */
const COMPRESSED = 0x800n;
/** Bytes that the section says to hold, and that it really holds once it is expanded. */
const SAID = 2 ** 50;
const HELD = 2 ** 28;

/** A section that is compressed: `Elf64_Chdr` with zlib, then much of nothing in little. */
function bomb(): Uint8Array {
  const chunk = deflateSync(new Uint8Array(HELD), { level: 9 });
  const bytes = new Uint8Array(24 + chunk.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(8, BigInt(SAID), true);
  view.setBigUint64(16, 1n, true);
  bytes.set(chunk, 24);
  return bytes;
}

/** Marks a section as compressed. */
function markCompressed(path: string, content: Uint8Array): void {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  const [sections, size, count] = [
    Number(view.getBigUint64(40, true)),
    view.getUint16(58, true),
    view.getUint16(60, true),
  ];
  for (let number = 0; number < count; number++) {
    const at = sections + number * size;
    if (view.getBigUint64(at + 32, true) !== BigInt(content.length)) continue;
    view.setBigUint64(at + 8, view.getBigUint64(at + 8, true) | COMPRESSED, true);
    Deno.writeFileSync(path, bytes);
    return;
  }
  throw new Error("no such section");
}

testWith(
  { Linux: isLinux, objcopy: has("objcopy"), readelf: has("readelf") },
  "a section that would expand without end is not expanded",
  async () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.chmodSync(folder, 0o755);
      const content = bomb();
      const [path, added] = [`${folder}/bomb`, `${folder}/section`];
      Deno.writeFileSync(added, content);
      // deno-fmt-ignore
      output("objcopy", "--add-section", `.debug_info=${added}`, "--set-section-flags", ".debug_info=readonly,debug", "/bin/sleep", path);
      markCompressed(path, content);
      // It is one: readelf sees what it claims.
      assertMatch(output("readelf", "-W", "-t", path), /ZLIB, 0*4000000000000/);

      await using collectors = await openHere();
      const keys = { column: "file_path", values: [path, "/bin/sleep"] };
      const analysed = await collectKeys(collectors, "binary_analysis", keys);
      assertEquals(analysed.outcome, { status: "complete" });
      const [found, plain] = analysed.rows;
      assertEquals(found!.gaps, {});
      assertEquals(found!.values.file_size, Deno.statSync(path).size);
      assertEquals(found!.values.sha256_hash, output("sha256sum", path).slice(0, 64));
      assertEquals(found!.values.architecture, plain!.values.architecture);
      const symbols = await collectKeys(collectors, "imports_exports", keys);
      assertEquals(symbols.outcome, { status: "complete" });
      const of = (file: string) => symbols.rows.filter(({ values }) => values.file_path === file);
      assertEquals(of(path).length, of("/bin/sleep").length);

      const rules: Resource = {
        name: "elf.yar",
        text: 'import "elf" rule elf { condition: elf.number_of_sections > 0 }',
      };
      const matched = await drain(collectors.collect({
        table: "yara_matches",
        project: ["file_path", "rule_name"],
        deadline: 60_000,
        keys,
        resources: [rules],
      }));
      assertEquals(matched.outcome, { status: "complete" });
      assertEquals(matched.rows.map(({ values }) => values.file_path), [path, "/bin/sleep"]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);
