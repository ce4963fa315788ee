import type { MatchedRule } from "../../../dialect/yara/types.ts";
import type { Resource } from "../../../model/collection.ts";
import type { CollectorContext } from "../../core/collector.ts";
import type { OpenFile } from "../targets.ts";
import { createScanner, type Scanner } from "./scanner.ts";
import { scanBySystem } from "./system.ts";

/** Ms that one file, or the memory of one process, may take. */
const MAX_TIME = 10_000;

let scanner: Scanner | undefined;
let bySystem = false;

/** Files are tried by the system's program from now on; memory, which that can only be given as a file, is not. */
export function chooseSystem(): void {
  bySystem = true;
}

/** Ms that a file, or the memory of a process, may take now. What takes long leaves time for the others. */
export function patienceOf({ deadline }: Pick<CollectorContext, "deadline">): number {
  return Math.min(MAX_TIME, (deadline - performance.now()) / 2);
}

/**
 * What each file of rules finds in bytes, in their order.
 *
 * @param file whose bytes they are; absent for memory
 * @throws {Error} in words, where that could not be found out in time
 */
export function tryRules(
  bytes: Uint8Array<ArrayBuffer>,
  rules: readonly Resource[],
  context: CollectorContext,
  file?: OpenFile,
): Promise<readonly (readonly MatchedRule[])[]> {
  const { filesRoot } = context;
  const patience = patienceOf(context);
  // Whoever kills a process in namespaces of its own kills its children, too.
  const wrapped = filesRoot !== undefined && filesRoot !== "/";
  if (bySystem && file) return scanBySystem(file.descriptor, rules, patience, wrapped);
  return (scanner ??= createScanner(wrapped)).scan(bytes, rules, patience);
}
