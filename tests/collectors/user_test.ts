import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { CollectorReport } from "../../model/collection.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { has, isLinux, isRoot, type ReadRow, testWith, textOf } from "./support.ts";

const NOBODY = 65534;
const script = fromFileUrl(new URL("as_user.ts", import.meta.url));
const needs = { Linux: isLinux, setpriv: has("setpriv"), "readable by others": readableByOthers() };

/** Whether another user could run this toolkit: each folder down to it, and Deno. */
function readableByOthers(): boolean {
  if (!isRoot) return true;
  const args = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    "--clear-groups",
    "--",
    Deno.execPath(),
    "eval",
    "1",
  ];
  const readable = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", "test", "-r", script];
  return [args, readable].every((args) =>
    new Deno.Command("setpriv", { args, env: { DENO_DIR: "/nowhere" }, stderr: "null" })
      .outputSync().success
  );
}

/** Runs as_user.ts as an ordinary user. */
async function collectAsUser(): Promise<
  { rows: ReadRow[]; outcome: unknown; reports: CollectorReport[] }
> {
  const cache = await Deno.makeTempDir();
  const deno = [Deno.execPath(), "run", "--allow-all", "--quiet", "--no-check", script];
  const change = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  try {
    if (isRoot) await copyPackages(cache);
    const { stdout, stderr } = await new Deno.Command("setpriv", {
      args: [...isRoot ? change : [], "--", ...deno],
      env: isRoot ? { DENO_DIR: cache, HOME: cache } : {},
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** Gives the other user a cache with the packages that collectors are used through. */
async function copyPackages(cache: string): Promise<void> {
  const home = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const registry = "npm/registry.npmjs.org";
  await Deno.mkdir(`${cache}/${registry}`, { recursive: true });
  for (const name of ["zod", "deno-std"]) {
    await new Deno.Command("cp", {
      args: ["-r", `${home}/${registry}/${name}`, `${cache}/${registry}/`],
    }).output();
  }
  await new Deno.Command("chown", { args: ["-R", `${NOBODY}:${NOBODY}`, cache] }).output();
}

testWith(
  needs,
  "an ordinary user sees everybody's processes, and what is denied is said",
  async () => {
    const { rows, outcome, reports } = await collectAsUser();
    assertEquals(outcome, { status: "complete" });
    const uid = isRoot ? NOBODY : Deno.uid();
    const own = rows.find(({ values }) =>
      values.user_id === uid && String(values.executable_path).endsWith("deno")
    )!;
    assertEquals([own.values.accessible, own.gaps.environment_variables], [true, undefined]);
    assertEquals(String(own.values.executable_hash).length, 64);

    const first = rows.find(({ values }) => values.pid === 1)!;
    assertEquals(first.values.name, textOf("/proc/1/comm").trim());
    assertEquals(first.values.user_name, "root");
    assertEquals(first.values.accessible, false);
    for (const column of ["environment_variables", "executable_path", "executable_hash"]) {
      assertEquals([first.values[column], first.gaps[column]], [null, "denied"], column);
    }
    for (const { confinement, confinement_reason } of reports) {
      assertEquals(confinement, "none");
      assertMatch(
        confinement_reason!,
        /namespaces need root.* without them Deno reads \/proc only with all/,
      );
    }
    assertEquals(reports.map(({ name, problem }) => [name, problem]), [["procmond", undefined], [
      "hasher",
      undefined,
    ]]);
  },
);

testWith(
  needs,
  "what an ordinary user is denied is what the profile calls privileged",
  async () => {
    const { rows } = await collectAsUser();
    const denied = new Set<string>();
    const missing = new Set<string>();
    for (const { gaps } of rows) {
      for (const [column, reason] of Object.entries(gaps)) {
        (reason === "denied" ? denied : missing).add(column);
      }
    }
    const columns = collectedColumns(processes, "linux");
    // A column that nothing collects yet is not denied either.
    const privileged = columns.filter((column) => column.privileged && !missing.has(column.name));
    assert(privileged.length > 10, String(privileged.length));
    const open = columns.filter((column) => !column.privileged).map(({ name }) => name);
    assertEquals(open.filter((name) => denied.has(name)), []);
    assertEquals(privileged.filter(({ name }) => !denied.has(name)).map(({ name }) => name), []);
  },
);
