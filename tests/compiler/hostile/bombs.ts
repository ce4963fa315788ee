import { type Hostile, hostile } from "./hostile.ts";

const ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)";

/** Valid queries that want more time or memory than there is: the sandbox stops them. */
export const bombs: readonly Hostile[] = hostile([
  ["endless recursion", `${ENDLESS} SELECT max(n) AS n FROM c`, "limit"],
  [
    "endless recursion in EXISTS",
    `SELECT pid FROM processes WHERE NOT EXISTS (${ENDLESS} SELECT n FROM c WHERE n < 0)`,
    "limit",
  ],
  ["endless recursion, ordered", `${ENDLESS} SELECT n FROM c ORDER BY n DESC`, "limit"],
  [
    "endless recursion without duplicates",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION SELECT n + 1 FROM c) SELECT max(n) AS n FROM c",
    "limit",
  ],
  [
    "endless recursion over a table",
    "WITH RECURSIVE c(n) AS (SELECT pid FROM processes UNION ALL SELECT p.pid FROM c JOIN processes p) SELECT max(n) AS n FROM c",
    "limit",
  ],
  [
    "two endless recursions",
    `${ENDLESS}, d(m) AS (SELECT 1 UNION ALL SELECT m + 1 FROM d) SELECT max(n + m) AS n FROM c, d`,
    "limit",
  ],
  [
    "Cartesian product",
    "SELECT max(a.name || b.name || c.name || d.name) AS m FROM processes a, processes b, processes c, processes d",
    "limit",
  ],
  [
    "Cartesian product without a result",
    "SELECT a.pid FROM processes a CROSS JOIN processes b CROSS JOIN processes c CROSS JOIN processes d WHERE a.pid + b.pid + c.pid + d.pid < 0",
    "limit",
  ],
  [
    "Cartesian product of a common table",
    `WITH c AS MATERIALIZED (SELECT name FROM processes) SELECT count(*) AS n FROM ${
      Array.from({ length: 8 }, (_, index) => `c c${index}`).join(", ")
    } WHERE c0.name || c7.name = c3.name`,
    "limit",
  ],
  [
    "self join by inequality",
    "SELECT count(*) AS n FROM processes a JOIN processes b ON a.pid <> b.pid JOIN processes c ON c.pid <> a.pid JOIN processes d ON d.pid < c.pid",
    "limit",
  ],
  [
    "doubling text",
    "WITH RECURSIVE c(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM c) SELECT max(length(s)) AS n FROM c",
    "limit",
  ],
  ["printf with a width", "SELECT length(printf('%1000000000s', '')) AS n", "limit"],
  ["printf with a precision", "SELECT length(printf('%.*c', 1000000000, 'x')) AS n", "limit"],
  ["format with a number", "SELECT length(format('%1000000000d', 1)) AS n", "limit"],
  [
    "hex of hex",
    "SELECT length(hex(hex(hex(hex(hex(hex(printf('%2000000s', '')))))))) AS n",
    "limit",
  ],
  [
    "quote of quote",
    `SELECT length(quote(quote(quote(quote(quote(quote(printf('%.*c', 2000000, char(39))))))))) AS n`,
    "limit",
  ],
  [
    "replace",
    "SELECT length(replace(printf('%1000000s', ''), ' ', printf('%1000s', ''))) AS n",
    "limit",
  ],
  [
    "nested replace",
    "SELECT length(replace(replace(replace(printf('%1000s', ''), ' ', printf('%1000s', '')), ' ', printf('%1000s', '')), ' ', 'xx')) AS n",
    "limit",
  ],
  ["group_concat", `${ENDLESS} SELECT length(group_concat(n)) AS n FROM c`, "limit"],
  [
    "string_agg of large text",
    "SELECT length(string_agg(printf('%1000000s', a.name), '')) AS n FROM processes a",
    "limit",
  ],
  [
    "json_group_array",
    `${ENDLESS} SELECT json_array_length(json_group_array(printf('%1000s', n))) AS n FROM c`,
    "limit",
  ],
  [
    "json_group_object",
    "SELECT length(json_group_object(a.name || b.pid, printf('%10000s', ''))) AS n FROM processes a, processes b",
    "limit",
  ],
  [
    "large rows",
    "SELECT a.pid, printf('%1000000s', '') AS t FROM processes a, processes b",
    "limit",
  ],
  ["large sort", `${ENDLESS} SELECT n, printf('%1000s', n) AS t FROM c ORDER BY t DESC`, "limit"],
  ["large DISTINCT", `${ENDLESS} SELECT count(DISTINCT printf('%1000s', n)) AS n FROM c`, "limit"],
  [
    "large window",
    `SELECT max(s) AS m FROM (${ENDLESS} SELECT count(*) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS s FROM c)`,
    "limit",
  ],
  [
    "large materialized table",
    `${ENDLESS}, m AS MATERIALIZED (SELECT printf('%1000s', n) AS t FROM c) SELECT count(*) AS n FROM m`,
    "limit",
  ],
  [
    "large IN",
    `SELECT pid FROM processes WHERE name IN (${ENDLESS} SELECT printf('%1000s', n) FROM c)`,
    "limit",
  ],
  [
    "large JSON table",
    "SELECT count(*) AS n FROM json_each('[' || printf('%.*c', 20000000, ',') || ']')",
    "limit",
  ],
  [
    "JSON within JSON",
    "SELECT count(*) AS n FROM processes a, processes b, processes c, json_each('[1,2,3]') d, json_tree('[[1],[2]]') e WHERE a.pid + b.pid + c.pid + d.value < 0",
    "limit",
  ],
  [
    "LIKE with many stars",
    "SELECT printf('%.*c', 100000, 'a') LIKE '%a%a%a%a%a%a%a%ab' AS x FROM processes",
    "harmless",
  ],
  [
    "GLOB with many stars",
    "SELECT printf('%.*c', 100000, 'a') GLOB '*a*a*a*a*a*a*a*ab' AS x FROM processes",
    "harmless",
  ],
  [
    "REGEXP over large text",
    "SELECT count(*) AS n FROM processes WHERE printf('%.*c', 20000000 + pid, 'a') REGEXP '(?i)(x+x+)+y|a.*b.*c'",
    "limit",
  ],
  [
    "entropy of large text",
    `${ENDLESS} SELECT max(entropy(printf('%1000000s', n))) AS e FROM c`,
    "limit",
  ],
  // They look dangerous, and end at once.
  [
    "recursion with an end",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT max(n) AS n FROM c",
    "harmless",
    "",
  ],
  [
    "recursion with LIMIT",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000) SELECT max(n) AS n FROM c",
    "harmless",
    "",
  ],
  [
    "recursion that meets itself",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION SELECT n % 5 FROM c) SELECT count(*) AS n FROM c",
    "harmless",
    "",
  ],
  ["endless recursion, cut off", `${ENDLESS} SELECT n FROM c LIMIT 5`, "harmless", ""],
  ["negative LIMIT", "SELECT pid FROM processes LIMIT -1 OFFSET -1", "harmless"],
  ["large OFFSET", "SELECT pid FROM processes LIMIT 1 OFFSET 9223372036854775807", "harmless"],
]);
