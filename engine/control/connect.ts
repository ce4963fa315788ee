/**
 * Asks at the unix socket `Deno.args[0]`: one line from standard input, one line to standard output. It ends with
 * {@linkcode NOBODY} where nobody listens.
 *
 * @module
 */
import { MAX_ANSWER, MAX_REQUEST, readLine, writeText } from "./lines.ts";

/** Exit status where nobody listens: the agent has ended, or was killed. */
export const NOBODY = 10;

async function ask(path: string): Promise<number> {
  const request = await readLine(Deno.stdin, MAX_REQUEST);
  let connection: Deno.Conn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch (error) {
    const gone = error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.NotFound;
    if (gone) return NOBODY;
    throw error;
  }
  await writeText(connection, `${request}\n`);
  const answer = await readLine(connection, MAX_ANSWER);
  if (answer === undefined) return 1;
  await writeText(Deno.stdout, `${answer}\n`);
  return 0;
}

if (import.meta.main) Deno.exit(await ask(Deno.args[0]!));
