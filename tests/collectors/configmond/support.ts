import { type Host, openHost } from "../../../collectors/regmond/host.ts";
import type { Note, Setting } from "../../../collectors/configmond/setting.ts";

/** What a reader of settings told, a line each, and what it noted. */
export function told(read: (note: Note) => Iterable<Setting>): {
  readonly lines: readonly string[];
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  const lines = [...read((reason) => notes.push(reason))].map((setting) => {
    const { path, line, name, value, overridden, more, gap } = setting;
    const place = `${path.slice(path.lastIndexOf("/") + 1)}${line === undefined ? "" : `:${line}`}`;
    const rest = more ? ` ${JSON.stringify(more)}` : "";
    return `${place} ${name} = ${value ?? `? ${gap}`}${overridden ? " (overridden)" : ""}${rest}`;
  });
  return { lines, notes };
}

/** The files of this host itself. */
export const thisHost = (): Host => openHost("/", "/proc", "/sys");

/** What a program says; its output, errors apart. */
export async function ask(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, stdin: "null", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
