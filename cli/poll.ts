import { join } from "@std/path";

/** Time between two looks, ms. */
const PERIOD = 2_000;

/**
 * Looks into a folder from time to time, without opening what is in it, and tells when files have come, gone or changed,
 * until it is disposed of.
 *
 * @param matters whether an entry does, by its path
 */
export function pollFolder(
  folder: string,
  matters: (path: string, isFolder: boolean) => boolean,
  changed: () => void,
): Disposable {
  let before = look();
  const timer = setInterval(() => {
    const now = look();
    if (now !== before) changed();
    before = now;
  }, PERIOD);

  function look(): string {
    try {
      const found = [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
        const path = join(folder, name);
        if (!matters(path, isDirectory)) return [];
        if (isDirectory) return [name];
        const { mtime, size, ino } = Deno.statSync(path);
        return [`${name} ${mtime?.getTime()} ${size} ${ino}`];
      });
      return found.sort().join("\n");
    } catch {
      // It is being changed just now.
      return "";
    }
  }

  return { [Symbol.dispose]: () => clearInterval(timer) };
}
