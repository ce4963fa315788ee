/**
 * Writes `docs/platforms.md`: which collector supplies each table on each platform, and what was run where. With `--check`
 * it writes nothing and exits with 1 where the page is stale.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { CollectorDeclaration } from "../collectors/core/collector.ts";
import { permissionsInWords, permissionsOn } from "../collectors/core/permissions.ts";
import { COLLECTORS } from "../collectors/mod.ts";
import { SOURCES } from "../collectors/sources.ts";
import { PROFILES } from "../profiles/mod.ts";
import { type Platform, PLATFORM_NAMES, PLATFORMS, type TableSpec } from "../schema/types.ts";

/** Where the page lies. */
export const PLATFORMS_PAGE: string = fromFileUrl(new URL("./platforms.md", import.meta.url));

/** The page. */
export function platformsPage(): string {
  const supplied = PROFILES.filter((spec) =>
    PLATFORMS.some((platform) => suppliers(spec, platform).length > 0)
  );
  const missing = PROFILES.filter((spec) => !(supplied as readonly TableSpec[]).includes(spec));
  return `${
    [
      INTRODUCTION,
      row(["Table", ...PLATFORMS.map((platform) => PLATFORM_NAMES[platform])]),
      row(["---", ...PLATFORMS.map(() => "---")]),
      ...supplied.map((spec) =>
        row([
          `[${spec.name}](tables/${spec.name}.md)`,
          ...PLATFORMS.map((platform) => cell(spec, platform)),
        ])
      ),
    ].join("\n")
  }
${
    missing.length === 0 ? "" : `
No collector of this version supplies ${
      missing.map(({ name }) => `\`${name}\``).join(", ")
    }: a detection that reads one of these is not evaluated, and says so.
`
  }
${COLUMNS}

## What collectors may do

${PLATFORMS.map(permissionsOf).join("\n\n")}

${RUN}`;
}

/** Who supplies a table on a platform, the better one first. */
function suppliers(spec: TableSpec, platform: Platform): readonly CollectorDeclaration[] {
  return COLLECTORS.filter(({ specs }) => specs.some(({ name }) => name === spec.name))
    .map(({ collector }) => collector).filter(({ modules }) => modules[platform]);
}

function cell(spec: TableSpec, platform: Platform): string {
  const [best, ...others] = suppliers(spec, platform).map(({ name }) => name);
  if (best === undefined) return "–";
  if (platform === "linux") {
    return [best, ...others.map((name) => `${name} where that fails`)].join("; ");
  }
  const sources = Object.values(SOURCES[spec.name]?.[platform] ?? {});
  const told = sources.filter((source) =>
    typeof source !== "string" || !source.startsWith("not collected")
  );
  return `${best}, ${told.length} of ${sources.length} columns`;
}

function permissionsOf(platform: Platform): string {
  const declared = COLLECTORS.map(({ collector }) => collector)
    .filter(({ modules }) => modules[platform]);
  return `${PLATFORM_NAMES[platform]}:\n\n${
    declared.map((collector) =>
      `- ${collector.name}: ${permissionsInWords(permissionsOn(collector, platform)).join("; ")}`
    ).join("\n")
  }`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

const INTRODUCTION = `# Platforms

**macOS and Windows were never run.** This version was developed and tested on Linux alone. What it does on the other
two is known from the sources of the library that it uses there, from output that people have reported, and from nothing
else. See [what was run](#what-was-run).

On Linux tables come from collectors that read the kernel itself. On macOS and Windows there are the base sources alone:
the collector \`basemond\`, by the library [systeminformation](https://systeminformation.io) (npm, MIT, a pinned version),
which asks programs of the host, and \`basefilemond\`, which asks Deno itself for files. On Linux they stand in for a
collector that cannot start or has failed too often. A table of a base source is always _partial_, with the reason, and
what it does not tell is _not collected_: a detection that reads it is evaluated on the other rows only, or not at all,
and says so. It is never taken for a table without rows.
`;

const COLUMNS =
  `The page of each table says where each of its columns comes from. The base source besides lacks:

- processes that start and end between two looks, and every event.
- sockets other than TCP and UDP; on Linux UDP sockets without a peer, too.
- on Linux the counters of interfaces, \`process_key\` of processes that have ended since, and any answer at all on a host
  with more than some 3,000 processes: the library's \`processes()\` then never returns. The collector is ended at its
  deadline and the table is unavailable.
- on Windows the start of a process in less than whole seconds, and on macOS too. \`process_key\` is there the host's start
  in seconds, the pid, and the seconds from the one to the other. A second collector, or the same after a new start, may
  be a second off on macOS, where the start is told as an age; a process then looks like another one once.`;

const RUN = `## What was run

| What | Where it was run |
| --- | --- |
| Every collector, its confinement, the agent, all tests | Linux 6.18, Debian 12, x86_64, as root and as an ordinary user |
| Other kernels and distributions, arm64 | never |
| Control groups of version 2 alone | never: the host has both versions, the second without controllers |
| \`cpu_temperature\`, \`thermal_state\`, \`power_usage\`, \`gpu_usage\`, \`gpu_memory_used\` | never on hardware that has them; against folders that look like \`/sys\` and texts of the kernel's documentation |
| \`basemond\` on Linux | live, alone and in the place of collectors that cannot start |
| \`basefilemond\` on Linux | live: its rows are those of \`filemond\`, column by column, in the columns that it has |
| Kernel modules on Linux | never with a module that was loaded: the kernel that this version was tested on has none (\`# CONFIG_MODULES is not set\`; init_module(2) fails with ENOSYS). \`tests/live/kernel_modules_test.ts\` gives the collectors the files that Linux 6 of Debian shows, with planted modules among them, and the three detections what they read |
| Secure boot on Linux | never on a host with UEFI. What is read of \`efivars\` is tested on files as UEFI writes them |
| \`basefilemond\` on macOS and Windows | never; paths of Windows are tested as text |
| \`basemond\` on macOS and Windows | never. What makes rows of the library's answers is tested on output of real hosts that others have reported (\`tests/collectors/basemond/recorded.ts\` cites each). That its programs start under the permissions above was not seen |
| Installing, the agent, sinks and the command line on macOS and Windows | never |
`;

if (import.meta.main) {
  const page = platformsPage();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(PLATFORMS_PAGE, page);
  else if (page !== await Deno.readTextFile(PLATFORMS_PAGE)) {
    console.error("docs/platforms.md is stale: run `deno task docs`");
    Deno.exit(1);
  }
}
