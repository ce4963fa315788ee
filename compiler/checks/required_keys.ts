import type { BoundSource } from "../binding/scope.ts";
import { columnOf } from "../binding/scope.ts";
import type { Placed } from "../plan/conditions.ts";
import { keyedSources, needsKeys } from "../plan/keys.ts";
import { recursiveLeft } from "./auto_join.ts";
import type { Check, Finding } from "./check.ts";

/** Tables that are only collected for keys are given some. */
export const requiredKeys: Check = {
  code: "needs-key",
  docs: {
    what: "A table that is only collected for keys, without one.",
    why: "Its collector would have to read every file or the memory of every process of the host.",
    bad: "SELECT file_path FROM binary_analysis WHERE entropy > 7",
    good:
      "SELECT file_path FROM binary_analysis WHERE file_path GLOB '/usr/sbin/*' AND entropy > 7",
  },
  *check({ query, binding }) {
    // A name without a meaning would bring on a second fault here.
    if (binding.faults.length > 0) return;
    const keyed = keyedSources(query, binding);
    for (const { placed, request } of keyed) {
      const { source, join } = placed;
      if (join?.auto) continue;
      if (!request) yield missing(source, placed);
      else if (request.kind === "rows") {
        const recursive = recursiveLeft(query, placed, binding);
        if (!recursive) continue;
        yield {
          span: source.node.span,
          message: `the keys would come from \`${recursive}\`, which is still being computed`,
          hint: "join it where the recursion is finished",
        };
      }
    }
    for (const source of binding.tables) {
      if (needsKeys(source) && !keyed.some(({ placed }) => placed.source === source)) {
        yield missing(source, undefined);
      }
    }
  },
};

function missing(source: BoundSource, placed: Placed | undefined): Finding {
  const { name, requires = [] } = source.shape!.spec;
  const keys = requires.map((key) => `\`${key}\``).join(" or ");
  const kind = placed?.join?.kind;
  if (kind === "right" || kind === "full") {
    return {
      span: source.node.span,
      message: `\`${name}\` needs a key, ${keys}: ${kind.toUpperCase()} JOIN wants every row of it`,
      hint: "LEFT JOIN from the other side",
    };
  }
  return {
    span: source.node.span,
    message: `\`${name}\` needs a key: ${keys}`,
    hint: joinHint(source, placed) ?? `WHERE ${requires[0]} IN (…)`,
  };
}

/** A join that gives a key which another table of this FROM, or of one further out, has. */
function joinHint(source: BoundSource, placed: Placed | undefined): string | undefined {
  const { name, requires = [] } = source.shape!.spec;
  const alias = source.name === name ? name : `${name} ${source.name}`;
  for (let scope = placed?.scope; scope; scope = scope.outer) {
    for (const other of scope.sources) {
      const key = other !== source && !needsKeys(other) &&
        requires.find((one) => columnOf(other, one));
      if (!key) continue;
      const place = placed!.left.includes(other) ? "" : `behind \`${other.name}\`: `;
      return `${place}AUTO JOIN ${alias} ON ${source.name}.${key} = ${other.name}.${key}`;
    }
  }
  return undefined;
}
