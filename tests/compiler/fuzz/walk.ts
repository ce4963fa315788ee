/** The texts of the files below a folder whose names end so, in the order of their paths. */
export function walkSync(folder: URL, ending: string): readonly string[] {
  return [...Deno.readDirSync(folder)].sort((left, right) => left.name < right.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      if (isDirectory) return walkSync(new URL(`${name}/`, folder), ending);
      return name.endsWith(ending) ? [Deno.readTextFileSync(new URL(name, folder))] : [];
    });
}
