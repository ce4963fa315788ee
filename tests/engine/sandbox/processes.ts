/** Ids of live processes that run the query child. */
export function queryProcesses(): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      const state = / ([A-Z]) /.exec(Deno.readTextFileSync(`/proc/${name}/stat`))?.[1];
      if (command.some((part) => part.endsWith("engine/sandbox/child.ts")) && state !== "Z") {
        found.push(Number(name));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/**
 * Those that descend from a process; its parents' other children are not ours to count. Tests of several files run in one
 * process at a time, and so have theirs in common.
 */
export function ownQueryProcesses(root: number): number[] {
  return queryProcesses().filter((pid) => {
    for (let at = pid; at > 1;) {
      if (at === root) return true;
      try {
        at = Number(/\) [A-Z] (\d+) /.exec(Deno.readTextFileSync(`/proc/${at}/stat`))![1]);
      } catch {
        return false;
      }
    }
    return false;
  });
}
