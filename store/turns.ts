/** Does a work when those before it are done. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets works follow one another, in the order in which they come; one that fails keeps no other from being done. */
export function oneByOne(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
