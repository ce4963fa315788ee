/**
 * Waits for work, but not for ever.
 *
 * @param ms how long
 * @param undo gives back what comes too late
 * @throws {Deno.errors.TimedOut} after that time
 */
export async function deadline<T>(
  ms: number,
  work: () => Promise<T>,
  undo: (late: T) => void = () => {},
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Deno.errors.TimedOut(`there was no answer within ${ms} ms`)),
    ms,
  );
  const working = work();
  try {
    return await Promise.race([working, late]);
  } catch (error) {
    working.then(undo, () => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
