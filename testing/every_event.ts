import type { CompiledDetection } from "../model/compiled.ts";

/**
 * A detection of which every event is asked of its SQL, those too that are known beforehand to lead to nothing: where the
 * SQL itself is what is measured, or is another than the detection was compiled from.
 */
export function withEveryEvent(compiled: CompiledDetection): CompiledDetection {
  const tasks = compiled.plan.tasks.map(({ where: _, ...task }) => task);
  return { ...compiled, plan: { ...compiled.plan, tasks } };
}
