import { assertEquals } from "@std/assert";
import { possibleValues } from "../../../collectors/netmond/wanted.ts";
import type { Predicate } from "../../../model/predicate.ts";

const is = (column: string, value: string): Predicate => ({ op: "=", column, value });

Deno.test("possibleValues() leaves open what a predicate leaves open", () => {
  const state = is("state", "listening");
  const protocols: Predicate = { op: "in", column: "protocol", values: ["tcp", "udp"] };
  for (
    const [where, values] of [
      [undefined, undefined],
      [state, undefined],
      [is("protocol", "tcp"), ["tcp"]],
      [protocols, ["tcp", "udp"]],
      [{ op: "and", of: [state, protocols] }, ["tcp", "udp"]],
      [{ op: "and", of: [is("protocol", "udp"), protocols, state] }, ["udp"]],
      [{ op: "or", of: [is("protocol", "raw"), protocols] }, ["raw", "tcp", "udp"]],
      [{ op: "or", of: [state, protocols] }, undefined],
      [{ op: "not", of: protocols }, undefined],
      [{ op: "<>", column: "protocol", value: "tcp" }, undefined],
      [{ op: "like", column: "protocol", pattern: "tcp" }, undefined],
    ] as const
  ) {
    const found = possibleValues(where as Predicate | undefined, "protocol");
    assertEquals(found && [...found].sort(), values as string[] | undefined, JSON.stringify(where));
  }
});
