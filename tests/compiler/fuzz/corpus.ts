import { walkSync } from "./walk.ts";
import { HYGIENE_CHECKS } from "../../../compiler/hygiene/mod.ts";
import { CHECKS } from "../../../compiler/checks/mod.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";

const ROOT = new URL("../../../", import.meta.url);

/** What a corpus holds: queries, detection files, fixtures. */
export interface Corpus {
  readonly queries: readonly string[];
  readonly detections: readonly string[];
  readonly fixtures: readonly string[];
}

/** Queries as converters of Sigma rules write them: long chains of LIKE with ESCAPE. */
const SIGMA_LIKE: readonly string[] = [
  String
    .raw`SELECT pid FROM processes WHERE (executable_path LIKE '%\\powershell.exe' ESCAPE '\' OR executable_path LIKE '%\\pwsh.exe' ESCAPE '\') AND (command_line LIKE '% -enc%' ESCAPE '\' OR command_line LIKE '%\_\%%' ESCAPE '\')`,
  String
    .raw`SELECT pid, name FROM processes WHERE (name='curl' OR name='wget') AND NOT (parent_process='apt' OR (command_line LIKE '%localhost%' ESCAPE '\' AND user_id=0))`,
  String
    .raw`SELECT * FROM processes WHERE command_line REGEXP '(?i)base64.{1,5}-d' AND (user_name='root' AND NOT ((parent_process IS NULL) OR (parent_process='')))`,
  String
    .raw`SELECT pid FROM processes WHERE ((name LIKE 'nc' ESCAPE '\') OR (name LIKE 'ncat' ESCAPE '\')) AND ((command_line LIKE '% -e %' ESCAPE '\') OR command_line LIKE '%--exec%' ESCAPE '\')`,
  "SELECT name, count(*) AS count FROM processes GROUP BY name HAVING count > 10",
];

/** Queries of the dialect's less common parts. */
const ODD: readonly string[] = [
  "WITH RECURSIVE a(k, d) AS (SELECT process_key, 0 FROM processes WHERE pid = 1 UNION ALL SELECT p.process_key, d + 1 FROM processes p JOIN a ON p.parent_key = a.k WHERE d < 8) SELECT k, d FROM a",
  "SELECT p.pid, e.value ->> '$.x' AS x FROM processes p, json_each(p.environment_variables) e WHERE e.key GLOB 'LD_*'",
  "SELECT pid, row_number() OVER w AS r FROM processes WINDOW w AS (PARTITION BY name ORDER BY start_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
  "SELECT p.pid, b.entropy FROM processes p LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path LIKE '/tmp/%' WHERE b.entropy > 7.2",
  "SELECT a.pid FROM processes a NATURAL LEFT JOIN processes b EXCEPT SELECT pid FROM processes WHERE pid NOT IN (SELECT ppid FROM processes) ORDER BY 1 DESC NULLS LAST LIMIT 10 OFFSET 1",
  "SELECT CASE pid WHEN 1 THEN 'a' ELSE CAST(ppid AS TEXT) END AS c, count(*) FILTER (WHERE user_id = 0) AS n FROM processes p FULL JOIN users u USING (user_id) GROUP BY 1 HAVING n > 1",
];

/** Everything real that there is to begin with: examples of tables and checks, shipped detections and fixtures. */
export function readCorpus(): Corpus {
  const detections = walkSync(new URL("detections/", ROOT), ".sql");
  const checks = [...CHECKS, ...HYGIENE_CHECKS].flatMap(({ docs }) => [docs.bad, docs.good ?? ""]);
  return {
    queries: [
      ...[...CATALOGUE.values()].flatMap(({ examples }) => examples),
      ...detections.map((text) => text.slice(text.indexOf("\n---\n", 4) + 5)),
      ...checks.filter((text) => /^(?:SELECT|WITH)\b/.test(text)),
      ...SIGMA_LIKE,
      ...ODD,
    ],
    detections: [
      ...detections,
      ...detections.map(commented),
      ...checks.filter((text) => text.includes("---")),
    ],
    fixtures: walkSync(new URL("fixtures/", ROOT), ".yaml"),
  };
}

/** A detection file with its front-matter as comments. */
function commented(text: string): string {
  const end = text.indexOf("\n---\n", 4) + 5;
  return text.slice(0, end - 1).replaceAll(/^/gm, "-- ") + text.slice(end - 1);
}
