import type { Detection } from "../../model/detection.ts";
import type { Corpus } from "./check.ts";

/** Finds the first detection of a corpus with the same key as a given one. Each key is computed once. */
export function firstBy(
  keyOf: (detection: Detection) => string,
): (detection: Detection, corpus: Corpus) => Detection | undefined {
  const found = new WeakMap<Corpus, ReadonlyMap<Detection, Detection>>();
  return (detection, corpus) => {
    let firsts = found.get(corpus);
    if (!firsts) {
      const groups = Map.groupBy(corpus.detections, keyOf).values();
      firsts = new Map([...groups].flatMap((group) => group.map((one) => [one, group[0]!])));
      found.set(corpus, firsts);
    }
    return firsts.get(detection);
  };
}
