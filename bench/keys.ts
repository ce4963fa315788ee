/**
 * What a detection takes that asks for the analysis of each of many programs.
 *
 *     deno task bench:keys [PROGRAMS] [SCANS]
 *
 * Starts so many different programs (1,000 by default: copies of sleep, each with other bytes at its end) and an agent with
 * one detection that joins them with `binary_analysis`. Prints how long the first scan took, in which every program is
 * analysed, and the later ones (5), in which each analysis is remembered; and beside them what `readelf -hlSd` and
 * `sha256sum` take for the same files, one process for each file as a script would have it, and all files at once. Linux.
 */
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { startAgent } from "./support/agent.ts";

const [programs = 1000, later = 5] = Deno.args.map(Number);

const folder = Deno.makeTempDirSync({ prefix: "daemoneye-bench-" });
const place = join(folder, "programs");

const DETECTION = `---
id: 00000000-0000-4000-8000-0000000ca5e5
title: Programs of the benchmark
description: Asks for the analysis of each program of the benchmark.
status: test
severity: low
platforms: [linux]
---
SELECT p.pid, b.entropy, b.sha256_hash, b.build_tool
FROM processes p
AUTO JOIN binary_analysis b ON b.file_path = p.executable_path
WHEN p.executable_path GLOB '${place}/*'
WHERE b.entropy > 7.9
`;

const sleep = Deno.readFileSync("/usr/bin/sleep");
Deno.mkdirSync(place);
Deno.mkdirSync(join(folder, "rules"));
Deno.writeTextFileSync(join(folder, "rules", "programs.sql"), DETECTION);
const files = Array.from({ length: programs }, (_, at) => join(place, `program${at}`));
for (const [at, file] of files.entries()) {
  Deno.writeFileSync(file, new Uint8Array([...sleep, ...new TextEncoder().encode(String(at))]), {
    mode: 0o755,
  });
}

interface Summary {
  readonly kind: string;
  readonly duration_ms: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly not_evaluated: readonly { readonly reason: string }[];
}

const scans: Summary[] = [];
const running = files.map((file) => new Deno.Command(file, { args: ["9999"] }).spawn());
const agent = startAgent([
  join(folder, "rules"),
  "--every",
  "3s",
  "--state",
  join(folder, "state.kv"),
], (line) => {
  const said = JSON.parse(line);
  if (said.kind === "summary") scans.push(said);
});

/** ms that commands take, one after the other. */
function timed(commands: readonly (readonly [string, readonly string[]])[]): number {
  const started = performance.now();
  for (const [program, args] of commands) {
    new Deno.Command(program, { args: [...args], stdout: "null" }).outputSync();
  }
  return performance.now() - started;
}

try {
  while (scans.length < 1 + later) await delay(200);
} finally {
  await agent.end();
  for (const one of running) one.kill("SIGKILL");
  await Promise.all(running.map(({ status }) => status));
}
try {
  const [first, ...rest] = scans;
  const times = rest.map(({ duration_ms }) => duration_ms).sort((a, b) => a - b);
  console.log(`${first!.rows.binary_analysis} keys; first scan ${first!.duration_ms} ms`);
  console.log(`later scans: median ${times[times.length >> 1]} ms (${times.join(", ")})`);
  for (const { not_evaluated } of scans) {
    for (const { reason } of not_evaluated) console.log(`not evaluated: ${reason}`);
  }
  const each = timed(files.flatMap((file) => [
    ["readelf", ["-hlSd", "-W", file]],
    ["sha256sum", [file]],
  ]));
  const together = timed([["readelf", ["-hlSd", "-W", ...files]], ["sha256sum", files]]);
  console.log(
    `readelf and sha256sum: a process for each file ${each.toFixed(0)} ms, all at once ${
      together.toFixed(0)
    } ms`,
  );
} finally {
  Deno.removeSync(folder, { recursive: true });
}
