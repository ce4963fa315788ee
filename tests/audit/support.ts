import { join } from "@std/path";
import { type AuditLog, openAuditLog } from "../../audit/mod.ts";

/** A folder of its own for a log, removed at the end of the scope. */
export async function temporaryLog(): Promise<
  { readonly folder: string; readonly path: string } & AsyncDisposable
> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-audit-" });
  return {
    folder,
    path: join(folder, "state.kv.audit.jsonl"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Opens a log whose problems go into a list. */
export function openLog(
  path: string,
  problems: string[] = [],
  more: { readonly maxSize?: number; readonly keep?: number } = {},
): Promise<AuditLog> {
  return openAuditLog({ path, onProblem: (one) => void problems.push(one), ...more });
}

/** Writes so many entries and closes the log. */
export async function writeEntries(
  path: string,
  count: number,
  more: { readonly maxSize?: number; readonly keep?: number } = {},
): Promise<void> {
  const log = await openLog(path, [], more);
  for (let at = 0; at < count; at++) {
    await log.append("alert", {
      id: `id ${at}`,
      rule_id: "a rule",
      dedupe_key: `["é\u202e",${at}]`,
    });
  }
  await log.close();
}
