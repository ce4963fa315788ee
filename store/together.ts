import type { Mutation } from "./database.ts";

/** Groups of changes; see `Database.commit`. */
type Groups = readonly (readonly Mutation[])[];

interface Waiting {
  readonly groups: Groups;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Commits one after the other, and what came while one was under way together with others: a commit takes as long for a
 * hundred changes as for one. What fails together is tried alone, so that everybody hears of what is his.
 *
 * @param commit makes groups durable, in their order
 * @param fit whether groups fit one commit
 */
export function committingTogether(
  commit: (groups: Groups) => Promise<void>,
  fit: (groups: Groups) => boolean,
): (groups: Groups) => Promise<void> {
  const waiting: Waiting[] = [];
  let working = false;

  async function tell({ done, failed }: Waiting, work: Promise<void>): Promise<void> {
    await work.then(done, failed);
  }

  async function work(): Promise<void> {
    working = true;
    for (let first = waiting.shift(); first; first = waiting.shift()) {
      const some = [first];
      let groups = first.groups;
      while (waiting[0] && fit([...groups, ...waiting[0].groups])) {
        const next = waiting.shift()!;
        some.push(next);
        groups = [...groups, ...next.groups];
      }
      try {
        await commit(groups);
        for (const { done } of some) done();
      } catch (error) {
        if (some.length === 1) first.failed(error);
        else for (const one of some) await tell(one, commit(one.groups));
      }
    }
    working = false;
  }

  return (groups) => {
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<void>();
    waiting.push({ groups, done, failed });
    if (!working) void work();
    return promise;
  };
}
