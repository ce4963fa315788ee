/** Asks a scanner this and that, and prints which of its questions were answered by the process of the first one. */
import { createScanner } from "../../../collectors/binmond/yara/scanner.ts";

const RULES = [{ name: "r.yar", text: 'rule needle { strings: $a = "needle" condition: $a }' }];

/** The children of this process, which has no others. */
function children(): string {
  return Array.from(Deno.readDirSync("/proc/self/task")).map(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/children`)
  ).join("").trim();
}

const scanner = createScanner(false);
let first: string | undefined;
for (const size of [1_000, 1_000, 20 << 20, 1_000]) {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode("needle"), size - 100);
  const [found] = await scanner.scan(bytes, RULES, 30_000);
  const pid = children();
  first ??= pid;
  console.log(found?.[0]?.rule, pid === first);
  // Less than a process waits for other questions that was not given much.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}
