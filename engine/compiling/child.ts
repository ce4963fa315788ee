/**
 * Compiles detection files and ends: reads {@linkcode Wanted} as JSON from standard input, and writes {@linkcode Told} in
 * the format of structured clones to standard output.
 *
 * @module
 */
import { serialize } from "node:v8";
import { findDetections, loadDetections } from "../../compiler/files.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Told, Wanted } from "./process.ts";

async function compile({ paths }: Wanted): Promise<Told> {
  try {
    const loaded = await loadDetections(await findDetections(paths), CATALOGUE);
    return {
      files: loaded.map(({ source: { file, text }, compiled, diagnostics }) => ({
        file,
        text,
        compiled,
        diagnostics,
      })),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const told = await compile(await new Response(Deno.stdin.readable).json());
await new Blob([new Uint8Array(serialize(told))]).stream().pipeTo(Deno.stdout.writable);
