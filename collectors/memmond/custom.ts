import { RE2JS } from "re2js";
import { compilePattern } from "../../dialect/regexp.ts";
import { nativePattern } from "../../dialect/native.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { Finder } from "./search.ts";

/** The values that predicates compare a column with for equality: what somebody looks for by name. */
export function constantsOf(
  predicates: readonly Predicate[],
  column: string,
): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (predicate: Predicate) => {
    switch (predicate.op) {
      case "and":
      case "or":
        return predicate.of.forEach(visit);
      case "=":
        if (predicate.column === column) found.add(String(predicate.value));
        return;
      case "in":
        if (predicate.column === column) {
          for (const value of predicate.values) found.add(String(value));
        }
    }
  };
  predicates.forEach(visit);
  return found;
}

/** What finds a pattern in RE2 syntax; why it is none, in words, where that is so. */
export function re2Finder(pattern: string): Finder | { readonly error: string } {
  const compiled = compilePattern(pattern);
  if ("error" in compiled) return compiled;
  const expression = RE2JS.compile(pattern);
  // What a native expression rules out need not be tried: it is many times faster.
  const conditions = nativePattern(pattern)?.conditions ?? [];
  let text: string | undefined;
  let isPossible = false;
  let matcher: ReturnType<RE2JS["matcher"]> | undefined;
  return {
    find(subject, from) {
      if (subject !== text) {
        text = subject;
        isPossible = conditions.every((one) => one.test(subject));
        matcher = isPossible ? expression.matcher(subject) : undefined;
      }
      for (let at = from; matcher && at <= subject.length && matcher.find(at);) {
        const [start, end] = [matcher.start(), matcher.end()];
        if (end > start) return { start, end };
        at = end + 1;
      }
      return undefined;
    },
  };
}
