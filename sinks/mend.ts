const NEWLINE = 0x0a;
const STEP = 64 * 1024;

/**
 * Makes a file of JSON lines end with a whole line: a crash may have torn the last one. What was begun and is no JSON is
 * taken away, since it was never said to be delivered and is written again; anything else is ended with a line feed.
 *
 * @param file open for reading and appending
 * @returns the size of the file, bytes
 */
export async function mend(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  const end = await endOfLines(file, size);
  if (end === size) return size;
  const rest = new TextDecoder().decode(await read(file, end, size - end));
  if (rest.startsWith("{") && !isJson(rest)) {
    await file.truncate(end);
    return end;
  }
  await file.write(new Uint8Array([NEWLINE]));
  return size + 1;
}

/** Where the last line feed ends; 0 where there is none. */
async function endOfLines(file: Deno.FsFile, size: number): Promise<number> {
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - STEP);
    const found = (await read(file, start, end - start)).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}

async function read(file: Deno.FsFile, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await file.seek(from, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
