import type { ResultTerm } from "../ast.ts";
import type { Check } from "./check.ts";

/** Result columns have distinct names, whatever their case. */
export const duplicateColumns: Check = {
  code: "duplicate-column",
  docs: {
    what: "Two result columns with the same name.",
    why: "An alert's row is an object: one of the two values would be lost.",
    bad: "SELECT p.name, parent.name FROM processes p JOIN processes parent ON parent.pid = p.ppid",
    good:
      "SELECT p.name, parent.name AS parent_name FROM processes p JOIN processes parent ON parent.pid = p.ppid",
  },
  *check({ query, binding, text }) {
    let body = query.body;
    while (body.type === "compound") body = body.left;
    if (body.type !== "select") return;
    const seen = new Set<string>();
    for (const term of body.columns) {
      // Of a star one name says enough.
      let twice: string | undefined;
      for (const { name } of binding.terms.get(term) ?? []) {
        if (seen.has(name.toLowerCase())) twice ??= name;
        seen.add(name.toLowerCase());
      }
      if (twice === undefined) continue;
      const message = `the result has two columns named \`${twice}\``;
      yield { span: term.span, message, hint: renaming(term, twice, text) };
    }
  },
};

function renaming(term: ResultTerm, name: string, text: string): string {
  if (term.type === "star") return "name the columns, and give one of the two another name with AS";
  if (term.alias) return "give one of the two another name";
  const { start, end } = term.span;
  const other = term.expression.type === "column" && term.expression.table
    ? `${term.expression.table.text}_${name}`
    : `other_${/^\w+$/.test(name) ? name : "value"}`;
  return `name it: ${text.slice(start, end)} AS ${other}`;
}
