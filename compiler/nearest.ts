/** A hint costs time and helps nobody after so many faults of a kind. */
export const MAX_HINTS = 100;

/** `did you mean …?` for a name that is close to a known one or part of one, else `undefined`. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const candidate = nearestName(name, known) ??
    (lower.length > 2 ? known.find((one) => one.toLowerCase().includes(lower)) : undefined);
  return candidate === undefined ? undefined : `did you mean \`${candidate}\`?`;
}

/** The known name that a misspelt one is close to, if any. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const lower = name.toLowerCase();
  let best: { readonly candidate: string; readonly cost: number } | undefined;
  for (const candidate of known) {
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    // Each character more costs an edit.
    const least = Math.abs(name.length - candidate.length);
    if (least > allowed || least >= (best?.cost ?? Infinity)) continue;
    const cost = distance(lower, candidate.toLowerCase());
    if (cost <= allowed && cost < (best?.cost ?? Infinity)) best = { candidate, cost };
  }
  return best?.candidate;
}

/** Edits between two texts: insertions, deletions, replacements and swaps of neighbours. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(previous[column]! + 1, current[column - 1]! + 1);
      best = Math.min(best, previous[column - 1]! + (same ? 0 : 1));
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, before[column - 2]! + 1);
      }
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length]!;
}
