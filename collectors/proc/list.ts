import { readdirSync } from "node:fs";
import { type Failure, failure, type ProcFiles } from "./files.ts";

/** The ids of all processes, ascending. Throws what the system says where there is no process tree. */
export function listProcesses({ root }: Pick<ProcFiles, "root">): number[] {
  return readdirSync(root).filter((name) => /^\d+$/.test(name)).map(Number)
    .sort((one, other) => one - other);
}

/** All names in a folder, in no order. */
export function namesIn({ root }: Pick<ProcFiles, "root">, path: string): string[] | Failure {
  try {
    return readdirSync(`${root}/${path}`);
  } catch (error) {
    return failure(error);
  }
}
