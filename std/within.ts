/**
 * What a promise comes to; `undefined` where that takes longer than so many ms, or the signal is aborted before. Nobody
 * else is told that this has not waited, and what comes later is left alone.
 */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const giveUp = () => resolve(undefined);
  const timer = Number.isFinite(ms) && setTimeout(giveUp, Math.max(0, ms));
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  try {
    return await Promise.race([promise, over]);
  } finally {
    if (timer) clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
