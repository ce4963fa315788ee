import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { ALLOWED_FUNCTIONS, registerFunctions } from "../../dialect/mod.ts";

/** SQLite's own functions that queries may not call: adding one here or to the list is a decision. */
const REFUSED = new Set(
  `bm25 changes current_date current_time current_timestamp fts3_tokenizer fts5 fts5_get_locale fts5_insttoken
  fts5_locale fts5_source_id highlight jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array
  jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set last_insert_rowid
  load_extension match matchinfo offsets optimize random randomblob rtreecheck rtreedepth rtreenode snippet
  sqlite_compileoption_get sqlite_compileoption_used sqlite_log sqlite_source_id sqlite_version subtype total_changes
  zeroblob`.split(/\s+/),
);

function functionList(db: DatabaseSync) {
  return [
    ...db.prepare("SELECT name, type, narg, builtin FROM pragma_function_list").iterate(),
  ] as {
    name: string;
    type: string;
    narg: number;
    builtin: number;
  }[];
}

Deno.test("ALLOWED_FUNCTIONS decides on every function that SQLite has", () => {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  for (const { name } of functionList(db)) {
    assert(
      ALLOWED_FUNCTIONS.has(name) !== REFUSED.has(name),
      `${name} is either allowed or refused`,
    );
  }
});

Deno.test("ALLOWED_FUNCTIONS lists what exists, with its kind and arguments", () => {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  const found = Map.groupBy(functionList(db), (one) => one.name);
  for (const [name, spec] of ALLOWED_FUNCTIONS) {
    if (spec.kind === "table") {
      db.prepare(`SELECT key, value FROM ${name}('[1]')`);
      continue;
    }
    const forms = found.get(name);
    assert(forms, `${name} exists`);
    assertEquals(
      spec.kind !== "scalar",
      forms.some((form) => form.type === "w"),
      `${name} is ${spec.kind}`,
    );
    const fixed = forms.map((form) => form.narg).filter((count) => count >= 0);
    if (fixed.length === forms.length) {
      assertEquals([Math.min(...fixed), Math.max(...fixed)], [spec.minArgs, spec.maxArgs], name);
    } else {
      // A negative count is variable; below -1 it gives the least number.
      assert(spec.minArgs >= 0 && (spec.maxArgs === Infinity || name === "json_valid"), name);
    }
  }
});

Deno.test("ALLOWED_FUNCTIONS says the fewest arguments that SQLite takes", () => {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  db.exec("CREATE TABLE t (a)");
  const prepares = (name: string, count: number, over: boolean) => {
    const args = Array(count).fill("a");
    if (name === "likelihood") args[1] = "0.5";
    try {
      db.prepare(`SELECT ${name}(${args.join(", ")}) ${over ? "OVER (ORDER BY a)" : ""} FROM t`);
      return true;
    } catch {
      return false;
    }
  };
  for (const [name, { kind, minArgs, maxArgs }] of ALLOWED_FUNCTIONS) {
    if (kind === "table" || name.startsWith("-")) continue;
    assert(prepares(name, minArgs, kind === "window"), `${name} of ${minArgs}`);
    assert(
      prepares(name, Math.min(maxArgs, 1_000), kind === "window") || name.startsWith("json_"),
      `${name} of ${maxArgs}`,
    );
    if (maxArgs < Infinity) assert(!prepares(name, maxArgs + 1, kind === "window"), name);
  }
});
