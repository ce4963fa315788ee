import type { Detection } from "../../model/detection.ts";
import type { Corpus } from "./check.ts";

/** Finds the first detection of a corpus with the same key as a given one. The keys of a corpus are computed once. */
export function firstBy(
  keyOf: (detection: Detection) => string,
): (detection: Detection, corpus: Corpus) => Detection | undefined {
  const known = new WeakMap<Corpus, ReadonlyMap<string, Detection>>();
  return (detection, corpus) => {
    let first = known.get(corpus);
    if (!first) {
      // The last entry of a key wins, therefore from the end.
      const entries = [...corpus.detections].reverse().map((one) => [keyOf(one), one] as const);
      known.set(corpus, first = new Map(entries));
    }
    return first.get(keyOf(detection));
  };
}
