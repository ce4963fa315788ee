import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { compileQuery } from "../../compiler/mod.ts";
import { hasErrors } from "../../diagnostics/diagnostic.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { SourceText } from "../../diagnostics/source.ts";
import { renderText } from "../../diagnostics/text.ts";
import { collectScan, planQuery } from "../../engine/collect.ts";
import { evaluateQuery } from "../../engine/evaluate.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { loadHistory } from "../../engine/history.ts";
import { loadView } from "../../engine/view.ts";
import type { ConfinementPolicy } from "../../model/collection.ts";
import type { HashCache } from "../../model/hash_cache.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import type { Evaluation } from "../../model/verdict.ts";
import { CATALOGUE, type Catalogue } from "../../profiles/mod.ts";
import { CAPTURE_CATALOGUE, captureCollectors, lackedBy, PCAP_FLAG } from "../capture.ts";
import { type Command, EXIT, FailedError, formatFlag, UsageError } from "../command.ts";
import { readSince } from "./alerts_actions.ts";
import type { Io } from "../io.ts";
import { CONFINEMENT_FLAG, confinementPolicy, STATE_FLAG, statePath } from "../options.ts";
import { hostPlatform } from "../platform.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
import { openForReading } from "../store.ts";
import { openStore, type Store } from "../../store/mod.ts";
import type { FixtureCase } from "../../testing/fixture.ts";
import { storeCase } from "../../testing/fixture_state.ts";
import { type LoadedFixture, loadFixture } from "../../testing/load.ts";
import { pathFault } from "../../diagnostics/path_fault.ts";
import { renderTable, rowsAsCsv } from "../table.ts";
import { rowData } from "../../alerts/mod.ts";

const TIMEOUT = 30_000;

/** `daemoneye query`: one SELECT over the live host, stored scans, a capture or a fixture. */
export const query: Command = {
  name: "query",
  summary:
    "Run one SELECT over this host's live tables, stored scans or a fixture. Nothing is stored.",
  usage: '"SQL"',
  details:
    "--stored reads the rows of the newest scan, with --since those of every scan from then on, " +
    "each with its scan_id and collection_time; also while an agent runs. --pcap reads a file of captured packets: " +
    "network_traffic and protocol_analysis have all that is in it, and need no keys. --fixture reads what a case of a " +
    "detection gives: the tables as they are after its last step, and all of its events; :now is that of this step.",
  flags: {
    format: formatFlag("json", "csv"),
    stored: { description: "Over stored scans instead of the live host" },
    since: {
      value: "TIME",
      description: "With --stored: all scans from then on: ISO time, or a duration back such as 2h",
    },
    fixture: {
      value: "FILE",
      description: "Over the tables of a fixture instead of the live host",
    },
    ...PCAP_FLAG,
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    'daemoneye query "SELECT pid, name, command_line FROM processes WHERE user_id = 0"',
    'daemoneye query "SELECT user_name, count(*) AS n FROM processes GROUP BY 1" --format json',
    "daemoneye query \"SELECT owner_user, permissions FROM file_metadata WHERE file_path = '/etc/passwd'\"",
    'daemoneye query "SELECT scan_id, count(*) AS n FROM processes GROUP BY 1" --stored --since 2h',
    'daemoneye query --fixture fixtures/reverse_shell/told_shells.yaml "SELECT * FROM processes"',
    'daemoneye query --pcap capture.pcapng "SELECT dns_query, count(*) AS n FROM protocol_analysis GROUP BY 1"',
  ],
  args: { min: 1, max: 1 },
  async run(args, io) {
    const sql = args.args[0]!;
    const file = args.value("pcap");
    const places = ["pcap", "stored", "fixture"]
      .filter((flag) => args.has(flag) || args.value(flag) !== undefined);
    if (places.length > 1) {
      const [one, other] = places.map((flag) => `--${flag}`);
      throw new UsageError(`${one} and ${other} are two places to read: give one of them`);
    }
    const fixture = await readFixture(args.value("fixture"), io);
    const platform = fixture?.platform ?? hostPlatform();
    const catalogue = file === undefined ? CATALOGUE : CAPTURE_CATALOGUE;
    const { query, diagnostics } = compileQuery(sql, { catalogue, platform });
    const source = new SourceText("query", sql);
    for (const one of diagnostics) io.err(renderText(one, source));
    if (!query || hasErrors(diagnostics)) return EXIT.usage;
    const since = readSince(args.value("since"));
    if (since !== undefined && !args.has("stored")) {
      throw new UsageError("--since means nothing without --stored");
    }
    const settings = args.has("stored") ? await loadSettings(args, io) : {};
    const policy = confinementPolicy(args, settings);
    const lacked = file === undefined ? [] : lackedBy(query);
    if (lacked.length > 0) throw new FailedError(`a capture has no ${lacked.join(", ")}`);
    const open = file === undefined
      ? (cache: HashCache) => openCollectors({ platform, policy, cache })
      : await captureCollectors(file, { platform, policy });
    const evaluation = fixture
      ? await evaluateFixture(query, fixture, policy)
      : args.has("stored")
      ? await evaluateStored(query, statePath(args, settings), policy, since)
      : await evaluateLive(query, io, policy, catalogue, open);
    if (evaluation.status === "not_evaluated") {
      throw new FailedError(`not evaluated: ${evaluation.why.reason}`);
    }
    show(evaluation, args.value("format")!, io);
    return EXIT.done;
  },
};

async function evaluateLive(
  query: CompiledQuery,
  io: Io,
  policy: ConfinementPolicy,
  catalogue: Catalogue,
  open: (cache: HashCache) => Promise<Collectors>,
): Promise<Evaluation> {
  const platform = hostPlatform();
  using store = await openInMemory(catalogue);
  await using sandbox = await openSandbox({ policy, size: 1 });
  await using collectors = await open(store.hashCache());
  const manifest = await collectScan({
    store,
    collectors,
    tasks: planQuery(query, catalogue),
    host: Deno.hostname(),
    platform,
    triggers: { queries: [query], catalogue, sandbox, narrow: true },
    onProgress: (text) => io.progress(text),
  });
  io.progress("");
  const view = await loadView(store, manifest, catalogue, sandbox, { only: query.tables });
  return await evaluateQuery(query, view, { now: manifest.started }, sandbox, TIMEOUT);
}

function openInMemory(catalogue: Catalogue): Promise<Store> {
  return openStore({ path: ":memory:", mode: "write", holder: "daemoneye query", catalogue });
}

/** Over the rows of the newest scan, or of all since a time (ms since the epoch). */
async function evaluateStored(
  query: CompiledQuery,
  path: string,
  policy: ConfinementPolicy,
  since: number | undefined,
): Promise<Evaluation> {
  using store = await openForReading(path, "query");
  const manifest = await store?.latest();
  if (!store || !manifest) throw new FailedError(`there is no stored scan at ${path}`);
  await using sandbox = await openSandbox({ policy, size: 1 });
  const only = query.tables;
  const view = since === undefined
    ? await loadView(store, manifest, CATALOGUE, sandbox, { only, oldest: 0 })
    : await loadHistory(store, manifest, CATALOGUE, sandbox, { only, since: since - 1 });
  if ("kind" in view) return { status: "not_evaluated", why: view };
  return await evaluateQuery(query, view, { now: manifest.started }, sandbox, TIMEOUT);
}

/** Over what a case gives. */
async function evaluateFixture(
  query: CompiledQuery,
  fixture: FixtureCase,
  policy: ConfinementPolicy,
): Promise<Evaluation> {
  using store = await openInMemory(CATALOGUE);
  const manifest = await storeCase(store, fixture);
  const missing = query.tables.map(({ table }) => table)
    .filter((table) => !manifest.tables.some((one) => one.table === table));
  if (missing.length > 0) {
    const names = [...new Set(missing)].join(", ");
    throw new FailedError(`the fixture gives no rows of ${names}; add them, [] if there are none`);
  }
  await using sandbox = await openSandbox({ policy, size: 1 });
  const view = await loadView(store, manifest, CATALOGUE, sandbox, { only: query.tables });
  return await evaluateQuery(query, view, { now: manifest.started }, sandbox, TIMEOUT);
}

/**
 * Reads a case, if one is asked for, and tells its faults.
 *
 * @throws {UsageError} where it cannot be read
 */
async function readFixture(file: string | undefined, io: Io): Promise<FixtureCase | undefined> {
  if (file === undefined) return undefined;
  let loaded: LoadedFixture;
  try {
    loaded = await loadFixture(await Deno.realPath(file), CATALOGUE);
  } catch (error) {
    throw new UsageError(pathFault(file, "read", error));
  }
  for (const one of loaded.diagnostics) io.err(renderText(one, loaded.source));
  if (!loaded.fixture) throw new UsageError(`${file} is no fixture that can be played`);
  return loaded.fixture;
}

function show(
  evaluation: Extract<Evaluation, { status: "evaluated" }>,
  format: string,
  io: Io,
): void {
  const { result, partial } = evaluation;
  const { columns, rows, truncated, duration_ms } = result;
  if (format === "json") {
    const shape = {
      columns: columns.map(({ name, type }) => ({ name, type: type ?? null })),
      rows: rows.map((row) => rowData(columns, row)),
      verdict: rows.length > 0 ? "match" : "no_match",
      partial: partial ?? null,
      truncated,
      duration_ms,
    };
    return io.out(escapeJson(shape) + "\n");
  }
  io.out(format === "csv" ? rowsAsCsv(result) : renderTable(result));
  if (truncated) io.err(`only the first ${rows.length} rows`);
  if (partial) {
    io.err(
      `evaluated on ${partial.evaluated} of ${partial.of} rows (${escapeTerminal(partial.reason)})`,
    );
  }
}
