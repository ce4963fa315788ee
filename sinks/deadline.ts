/**
 * Waits for work, but not for ever.
 *
 * @param ms how long
 * @param work is told by a signal that nobody waits for it any more
 * @throws {Deno.errors.TimedOut} after that time
 */
export async function deadline<T>(
  ms: number,
  work: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Deno.errors.TimedOut(`there was no answer within ${ms} ms`);
    reject(error);
    late.abort(error);
  }, ms);
  try {
    return await Promise.race([work(late.signal), never]);
  } finally {
    clearTimeout(timer);
  }
}
