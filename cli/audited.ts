import { type AuditLog, auditPath, findCrash, openAuditLog } from "../audit/mod.ts";
import type { Settings } from "../config/mod.ts";
import { auditRest, withAudit } from "../engine/audit.ts";
import type { Store } from "../store/mod.ts";
import { FailedError } from "./command.ts";
import { openForWriting } from "./store.ts";
import { VERSION } from "./version.ts";

/** A store whose changes are written to the audit log beside it. */
export interface Audited extends AsyncDisposable {
  readonly store: Store;
  readonly audit: AuditLog;
}

/**
 * Opens the store, and the audit log beside it, for a command that raises alerts or changes the state of detections.
 *
 * @param onProblem told, in words, what keeps the log from being whole
 * @param kept how much of the log is kept, as it is configured
 * @throws {FailedError} with what to do, where one of them cannot be opened
 */
export async function openAudited(
  path: string,
  command: string,
  onProblem: (message: string) => void,
  { size: maxSize, keep }: Settings["audit"],
): Promise<Audited> {
  const store = await openForWriting(path, command);
  const audit = await openAuditLog({
    path: auditPath(path),
    maxSize,
    keep,
    onProblem,
  }).catch((error) => {
    store.close();
    throw new FailedError(`the audit log cannot be opened: ${(error as Error).message}`);
  });
  await findCrash(auditPath(path)).then((crash) => crash && auditRest(store, audit, crash))
    .catch((error) => onProblem(`alerts may lack in the audit log: ${(error as Error).message}`));
  const program = `daemoneye ${command}`;
  await audit.append("start", {
    program,
    version: VERSION,
    deno: Deno.version.deno,
    pid: Deno.pid,
  });
  return {
    store: withAudit(store, audit),
    audit,
    async [Symbol.asyncDispose]() {
      await audit.append("stop", { program });
      await audit.close();
      store.close();
    },
  };
}
