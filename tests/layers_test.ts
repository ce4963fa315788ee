import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, relative } from "@std/path";

/** Rooms by height: a room may import from rooms of a smaller number, never from its own neighbours. */
const HEIGHT: Readonly<Record<string, number>> = {
  std: 0,
  diagnostics: 1,
  schema: 2,
  profiles: 3,
  model: 3,
  dialect: 3.5,
  compiler: 4,
  store: 4,
  collectors: 4,
  alerts: 4,
  sinks: 4,
  audit: 4,
  service: 4,
  engine: 5,
  testing: 6,
  config: 6.5,
  cli: 7,
  "mod.ts": 8,
  "deno.json": 0,
};

const ROOT = fromFileUrl(new URL("..", import.meta.url));

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly local?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

async function graph(entry: string): Promise<Graph> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The room of a file of this repository, `undefined` for packages. */
function room(specifier: string): string | undefined {
  if (!specifier.startsWith("file:")) return undefined;
  const path = relative(ROOT, fromFileUrl(specifier));
  return path.startsWith("..") ? undefined : path.split(/[/\\]/)[0];
}

Deno.test("rooms import downward only, and siblings not at all", async () => {
  const faults = new Set<string>();
  let edges = 0;
  for (const entry of ["mod.ts", "cli/main.ts"]) {
    for (const module of (await graph(entry)).modules) {
      const from = room(module.specifier);
      if (from === undefined) continue;
      assert(from in HEIGHT, `${module.specifier} lies in a room that HEIGHT does not know`);
      for (const { code, type } of module.dependencies ?? []) {
        const target = code?.specifier ?? type?.specifier;
        const to = target && room(target);
        if (!to || to === from) continue;
        edges++;
        if (!(HEIGHT[to]! < HEIGHT[from]!)) {
          faults.add(
            `${relative(ROOT, fromFileUrl(module.specifier))} imports ${
              relative(ROOT, fromFileUrl(target))
            }`,
          );
        }
      }
    }
  }
  assertEquals([...faults], []);
  assert(edges > 50, "the graph was read");
});

Deno.test("collectors never see the store", async () => {
  const { modules } = await graph("collectors/mod.ts");
  assertEquals(modules.filter((module) => room(module.specifier) === "store"), []);
});
