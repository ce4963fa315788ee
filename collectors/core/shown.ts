/**
 * Remembers which files and folders stand at paths. A child that is shown them one by one keeps those that were there
 * when it was started: whoever changes a file of accounts writes a new one and gives it the old one's name.
 *
 * @returns tells whether others stand there now
 */
export function rememberShown(paths: readonly string[]): () => boolean {
  const remembered = paths.map(identityOf);
  return () => paths.some((path, index) => identityOf(path) !== remembered[index]);
}

/** The device and inode of a file; `undefined` where there is none, or this process may not ask. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
