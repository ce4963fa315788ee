import type {
  Body,
  Call,
  Expression,
  FrameBound,
  From,
  Join,
  Literal,
  Name,
  OrderTerm,
  Query,
  Source,
  Window,
} from "../../../compiler/ast.ts";

/**
 * Writes a tree as SQL with every operator in parentheses, so that no precedence is left to the reader. `AUTO JOIN r ON c
 * WHEN w` is `JOIN r ON (c) AND (w)`.
 */
export function printQuery(query: Query): string {
  const common = query.with.map((one) => {
    const columns = one.columns ? `(${one.columns.map(printName).join(", ")})` : "";
    return `${printName(one.name)}${columns} AS (${printQuery(one.query)})`;
  });
  const limit = query.limit ? ` LIMIT ${printExpression(query.limit)}` : "";
  const offset = query.offset ? ` OFFSET ${printExpression(query.offset)}` : "";
  const head = common.length > 0
    ? `WITH ${query.recursive ? "RECURSIVE " : ""}${common.join(", ")} `
    : "";
  return `${head}${printBody(query.body)}${printOrder(query.orderBy)}${limit}${offset}`;
}

function printName(name: Name): string {
  return `"${name.text.replaceAll('"', '""')}"`;
}

function printBody(body: Body): string {
  switch (body.type) {
    case "compound":
      return `${printBody(body.left)} ${body.operator} ${printBody(body.right)}`;
    case "values":
      return `VALUES ${
        body.rows.map((row) => `(${row.map(printExpression).join(", ")})`).join(", ")
      }`;
    case "select": {
      const columns = body.columns.map((term) => {
        if (term.type === "star") return term.table ? `${printName(term.table)}.*` : "*";
        const alias = term.alias ? ` AS ${printName(term.alias)}` : "";
        return `${printExpression(term.expression)}${alias}`;
      });
      const groups = body.groupBy.map(printExpression).join(", ");
      const windows = body.windows.map(({ name, window }) =>
        `${printName(name)} AS ${printWindow(window)}`
      );
      return `SELECT ${body.distinct ? "DISTINCT " : ""}${columns.join(", ")}` +
        (body.from ? ` FROM ${printFrom(body.from)}` : "") +
        (body.where ? ` WHERE ${printExpression(body.where)}` : "") +
        (groups ? ` GROUP BY ${groups}` : "") +
        (body.having ? ` HAVING ${printExpression(body.having)}` : "") +
        (windows.length > 0 ? ` WINDOW ${windows.join(", ")}` : "");
    }
  }
}

function printFrom(from: From): string {
  return printSource(from.first) + from.joins.map(printJoin).join("");
}

function printJoin(join: Join): string {
  const natural = join.natural ? "NATURAL " : "";
  const operator = join.kind === "comma"
    ? ","
    : ` ${natural}${
      { inner: "INNER", cross: "CROSS", left: "LEFT", right: "RIGHT", full: "FULL" }[join.kind]
    } JOIN`;
  const when = join.auto?.when ? ` AND (${printExpression(join.auto.when)})` : "";
  const on = join.on ? ` ON (${printExpression(join.on)})${when}` : "";
  const using = join.using ? ` USING (${join.using.map(printName).join(", ")})` : "";
  return `${operator} ${printSource(join.source)}${on}${using}`;
}

function printSource(source: Source): string {
  const alias = source.alias ? ` AS ${printName(source.alias)}` : "";
  switch (source.type) {
    case "table":
      return `${source.schema ? `${printName(source.schema)}.` : ""}${
        printName(source.name)
      }${alias}`;
    case "table-function":
      return `${printName(source.name)}(${
        source.arguments.map(printExpression).join(", ")
      })${alias}`;
    case "subquery":
      return `(${printQuery(source.query)})${alias}`;
    case "join-group":
      return `(${printFrom(source.from)})${alias}`;
  }
}

function printOrder(terms: readonly OrderTerm[]): string {
  const printed = terms.map(({ expression, descending, nulls }) =>
    `${printExpression(expression)}${descending ? " DESC" : ""}${nulls ? ` NULLS ${nulls}` : ""}`
  );
  return printed.length > 0 ? ` ORDER BY ${printed.join(", ")}` : "";
}

function printWindow(window: Window): string {
  const bound = (one: FrameBound) =>
    "offset" in one ? `${printExpression(one.offset)} ${one.kind}` : one.kind;
  const partition = window.partitionBy.map(printExpression).join(", ");
  const { frame } = window;
  const range = frame?.end
    ? ` ${frame.unit} BETWEEN ${bound(frame.start)} AND ${bound(frame.end)}`
    : frame
    ? ` ${frame.unit} ${bound(frame.start)}`
    : "";
  return `(${window.base ? printName(window.base) : ""}` +
    `${partition ? ` PARTITION BY ${partition}` : ""}${printOrder(window.orderBy)}${range}` +
    `${frame?.exclude ? ` EXCLUDE ${frame.exclude}` : ""})`;
}

function printLiteral({ kind, value }: Literal): string {
  switch (kind) {
    case "integer":
      return `${value}`;
    case "float":
      // Behind a minus SQLite reads these digits as the least integer.
      if (value === 2 ** 63) return "9223372036854775808";
      return value === Infinity ? "9e999" : Number(value).toExponential();
    case "string":
      return `'${String(value).replaceAll("'", "''")}'`;
    case "blob":
      return `x'${value}'`;
    case "boolean":
      return value ? "TRUE" : "FALSE";
    case "null":
      return "NULL";
  }
}

function printCall(call: Call): string {
  const args = call.star ? "*" : call.arguments.map(printExpression).join(", ");
  const filter = call.filter ? ` FILTER (WHERE ${printExpression(call.filter)})` : "";
  const over = !call.over
    ? ""
    : "type" in call.over
    ? ` OVER ${printWindow(call.over)}`
    : ` OVER ${printName(call.over)}`;
  return `${printName(call.name)}(${call.distinct ? "DISTINCT " : ""}${args}${
    printOrder(call.orderBy)
  })${filter}${over}`;
}

/** Writes an expression with every operator in parentheses. */
export function printExpression(node: Expression): string {
  const not = "negated" in node && node.negated ? "NOT " : "";
  const print = printExpression;
  switch (node.type) {
    case "literal":
      return printLiteral(node);
    case "current-time":
      return node.keyword;
    case "parameter":
      return node.name;
    case "column":
      return [node.schema, node.table, node.name].flatMap((name) => name ? [printName(name)] : [])
        .join(".");
    case "unary":
      return `(${node.operator} ${print(node.operand)})`;
    case "binary":
      return `(${print(node.left)} ${node.operator} ${print(node.right)})`;
    case "null-test":
      return `(${print(node.operand)} ${node.negated ? "NOTNULL" : "ISNULL"})`;
    case "matching": {
      const escape = node.escape ? ` ESCAPE ${print(node.escape)}` : "";
      return `(${print(node.operand)} ${not}${node.operator} ${print(node.pattern)}${escape})`;
    }
    case "between":
      return `(${print(node.operand)} ${not}BETWEEN ${print(node.low)} AND ${print(node.high)})`;
    case "in-list":
      return `(${print(node.operand)} ${not}IN (${node.items.map(print).join(", ")}))`;
    case "in-query":
      return `(${print(node.operand)} ${not}IN (${printQuery(node.query)}))`;
    case "in-table":
      return `(${print(node.operand)} ${not}IN ${printSource(node.source)})`;
    case "case": {
      const branches = node.branches.map(({ when, then }) =>
        `WHEN ${print(when)} THEN ${print(then)}`
      );
      const otherwise = node.otherwise ? ` ELSE ${print(node.otherwise)}` : "";
      return `CASE ${node.operand ? print(node.operand) : ""} ${
        branches.join(" ")
      }${otherwise} END`;
    }
    case "cast":
      return `CAST(${print(node.operand)} AS ${node.target})`;
    case "collate":
      return `(${print(node.operand)} COLLATE ${printName(node.collation)})`;
    case "call":
      return printCall(node);
    case "exists":
      return `EXISTS (${printQuery(node.query)})`;
    case "scalar-query":
      return `(${printQuery(node.query)})`;
    case "row":
      return `(${node.items.map(print).join(", ")})`;
  }
}
