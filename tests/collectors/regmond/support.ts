import { dirname, join } from "@std/path";
import { type Host, openHost } from "../../../collectors/regmond/host.ts";

/** A file: its text or bytes, or where it leads. */
export type Content = string | Uint8Array<ArrayBuffer> | { readonly link: string } | {
  readonly script: string;
};

/** A host made of files; what the code under test sees of a real one. */
export async function makeHost(
  files: Readonly<Record<string, Content>>,
): Promise<{ readonly host: Host; readonly root: string } & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  for (const [path, content] of Object.entries(files)) {
    const place = join(root, path);
    await Deno.mkdir(dirname(place), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(place, content);
    else if (content instanceof Uint8Array) await Deno.writeFile(place, content);
    else if ("link" in content) await Deno.symlink(content.link, place);
    else await Deno.writeTextFile(place, content.script, { mode: 0o755 });
  }
  return {
    root,
    host: openHost(root, join(root, "proc"), join(root, "sys")),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** Rows of a reader. */
export function rowsOf(
  readings: Iterable<{ readonly row: Readonly<Record<string, unknown>> }>,
): Record<string, unknown>[] {
  return [...readings].map(({ row }) => ({ ...row }));
}
