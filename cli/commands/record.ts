import { gzipSync } from "node:zlib";
import { dirname } from "@std/path";
import { openCollectors } from "../../collectors/mod.ts";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { collectScan, planCollection } from "../../engine/collect.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection, TableRead } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Platform } from "../../schema/types.ts";
import { openStore, type StoreReader } from "../../store/mod.ts";
import { fixtureText } from "../../testing/record/fixture_text.ts";
import { isSystemAccount } from "../../testing/record/identities.ts";
import { gapWarnings, makeFixture, prepare } from "../../testing/record/record.ts";
import { readScan, type Recording, withoutProcess } from "../../testing/record/recording.ts";
import { recordingLines } from "../../testing/record/recording_text.ts";
import { countRows } from "../../testing/record/shrink.ts";
import { type Arguments, type Command, EXIT, FailedError, UsageError } from "../command.ts";
import { readDetections, reportFaults } from "../detections.ts";
import type { Io } from "../io.ts";
import { CONFINEMENT_FLAG, confinementPolicy, STATE_FLAG, statePath } from "../options.ts";
import { outFault } from "../out.ts";
import { hostPlatform } from "../platform.ts";
import { plural } from "../plural.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
import { openForReading } from "../store.ts";

/** `daemoneye record`: a fixture out of what a host is really like. */
export const record: Command = {
  name: "record",
  summary: "Record this host, or a stored scan, as a fixture: names and secrets replaced.",
  usage: "--detection FILE | --tables A,B",
  details: "Only what the detection reads is recorded. The same --seed gives the same names.\n" +
    "Read what was written before you hand it on: what replaces secrets knows many, not all.",
  flags: {
    detection: {
      value: "PATH",
      description: "Record what this detection, or a folder of them, reads",
    },
    tables: {
      value: "A,B",
      description: "Record these tables; a costly column only where it is named (processes.limits)",
    },
    out: { value: "FILE", description: "Where to write; standard output without it" },
    format: {
      value: "FORMAT",
      description:
        "A fixture (yaml) or the lines of a recorded host (jsonl); by the ending of --out",
      choices: ["auto", "yaml", "jsonl"],
    },
    case: { value: "TEXT", description: "What the fixture plays, in a few words" },
    stored: {
      value: "SCAN",
      description: "A scan of the store, by id or as latest, not the live host",
    },
    shrink: { description: "Keep only the rows and values that the alerts need" },
    seed: { value: "TEXT", description: "Names are drawn from it; keep it to yourself" },
    "no-redact": { description: "Leave names and secrets as they are" },
    force: { description: "Overwrite FILE" },
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    "daemoneye record --detection detections/impact/miner_command_line.sql --shrink --out case.yaml",
    "daemoneye record --detection my.sql --stored latest --case 'deploy by hand'",
    "daemoneye record --tables processes --out fixtures/hosts/build.jsonl.gz",
  ],
  args: { min: 0, max: 0 },
  async run(args, io) {
    const out = args.value("out");
    const format = formatOf(args.value("format")!, out);
    const wanted = await readWanted(args, io);
    if (format === "yaml" && wanted.detections.length > 1) {
      throw new UsageError("a fixture is for one detection; name its file, or record as jsonl");
    }
    if (args.has("shrink") && (format !== "yaml" || wanted.detections.length === 0)) {
      throw new UsageError("--shrink needs a fixture (yaml) and a --detection that fires");
    }
    if (out !== undefined) refuseBadPlace(out, args.has("force"));
    const recording = await capture(args, wanted, io);
    io.progress("");
    const written = format === "yaml"
      ? await asFixture(recording, wanted, args, io)
      : asLines(recording, wanted, args, out);
    for (const warning of written.warnings) io.err(escapeTerminal(`warning: ${warning}`));
    if (out === undefined) io.out(new TextDecoder().decode(written.bytes));
    else writeFile(out, written.bytes, args.has("force"));
    io.err(`${written.summary}${out === undefined ? "" : `; written to ${escapeTerminal(out)}`}`);
    return EXIT.done;
  },
};

type Format = "yaml" | "jsonl";

function formatOf(asked: string, out: string | undefined): Format {
  if (asked !== "auto") return asked as Format;
  return out !== undefined && /\.jsonl(\.gz)?$/.test(out) ? "jsonl" : "yaml";
}

/** What is to be recorded. */
interface Wanted {
  readonly reads: readonly TableRead[];
  readonly detections: readonly CompiledDetection[];
}

async function readWanted(args: Arguments, io: Io): Promise<Wanted> {
  const [path, tables] = [args.value("detection"), args.value("tables")];
  if ((path === undefined) === (tables === undefined)) {
    throw new UsageError("say what to record: --detection FILE or --tables A,B");
  }
  if (tables !== undefined) return { reads: readTables(tables), detections: [] };
  const loaded = await readDetections([path!], io);
  reportFaults(loaded, io);
  const detections = loaded.flatMap(({ compiled }) => compiled ? [compiled] : []);
  if (detections.length === 0) throw new UsageError(`${path} does not compile`);
  return { reads: mergeReads(detections.flatMap(({ tables }) => tables)), detections };
}

function readTables(text: string): readonly TableRead[] {
  const platform = hostPlatform();
  return mergeReads(
    text.split(",").map((name) => {
      const [table = "", column] = name.trim().split(".");
      const spec = CATALOGUE.get(table);
      if (!spec) throw new UsageError(`there is no table ${table}; daemoneye schema lists them`);
      const columns = collectedColumns(spec, platform);
      if (column !== undefined && !columns.some(({ name }) => name === column)) {
        throw new UsageError(`${table} has no column ${column} on ${platform}`);
      }
      const names = column === undefined
        ? columns.filter(({ costly }) => !costly).map(({ name }) => name)
        : [column];
      return { table, columns: names };
    }),
  );
}

function mergeReads(reads: readonly TableRead[]): readonly TableRead[] {
  return [...Map.groupBy(reads, ({ table }) => table)].map(([table, list]) => ({
    table,
    columns: [...new Set(list.flatMap(({ columns }) => columns))].sort(),
  }));
}

/** What tells names and secrets apart from other words, and the recorder from the host. It is read, not written. */
const CONTEXT: readonly string[] = [
  "pid",
  "ppid",
  "user_name",
  "arguments",
  "environment_variables",
];

function withContext(reads: readonly TableRead[], platform: Platform): readonly TableRead[] {
  return reads.map(({ table, columns }) => {
    const has = new Set(collectedColumns(CATALOGUE.get(table)!, platform).map(({ name }) => name));
    return {
      table,
      columns: [...new Set([...columns, ...CONTEXT.filter((name) => has.has(name))])],
    };
  });
}

async function capture(args: Arguments, wanted: Wanted, io: Io): Promise<Recording> {
  const { reads } = wanted;
  const stored = args.value("stored");
  if (stored === undefined) return await captureLive(wanted, args, io);
  const path = statePath(args, await loadSettings(args, io));
  using store = await openForReading(path, "record");
  if (!store) throw new FailedError(`there is no store at ${path}; daemoneye scan makes one`);
  const manifest = stored === "latest" ? await store.latest() : await findScan(store, stored);
  if (!manifest) throw new FailedError(`there is no scan ${stored} in ${path}`);
  return await readScan(store, manifest, CATALOGUE, withContext(reads, manifest.platform));
}

function findScan(store: StoreReader, text: string) {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new UsageError(`--stored ${text}: the id of a scan, or latest`);
  }
  return store.manifest(Number(text));
}

async function captureLive(
  { reads, detections }: Wanted,
  args: Arguments,
  io: Io,
): Promise<Recording> {
  const platform = hostPlatform();
  const policy = confinementPolicy(args);
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "daemoneye record",
    catalogue: CATALOGUE,
  });
  await using collectors = await openCollectors({ platform, policy, cache: store.hashCache() });
  const tree: TableRead = { table: "processes", columns: ["pid", "ppid"] };
  const tables = withContext(mergeReads([...reads, tree]), platform);
  const queries = detections.filter(({ plan }) => plan.triggers.length > 0);
  await using sandbox = queries.length > 0 ? await openSandbox({ policy, size: 1 }) : null;
  const manifest = await collectScan({
    store,
    collectors,
    ...(sandbox && { triggers: { queries, catalogue: CATALOGUE, sandbox } }),
    tasks: planCollection([{ tables }]),
    host: Deno.hostname(),
    platform,
    onProgress: (text) => io.progress(text),
  });
  return withoutProcess(await readScan(store, manifest, CATALOGUE, tables), Deno.pid);
}

/** What is written, and what is said of it. */
interface Written {
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
  readonly summary: string;
}

async function asFixture(
  recording: Recording,
  { reads, detections: [compiled] }: Wanted,
  args: Arguments,
  io: Io,
): Promise<Written> {
  const name = args.value("case") ?? "recorded";
  if (!compiled) return asTables(recording, reads, name, args);
  await using sandbox = await openSandbox({ policy: confinementPolicy(args), size: 1 });
  const { text, warnings, rows, alerts, replaced } = await makeFixture(recording, {
    reads,
    compiled,
    catalogue: CATALOGUE,
    sandbox,
    case: name,
    shrink: args.has("shrink"),
    ...redaction(args),
    onProgress: (text) => io.progress(text),
  });
  io.progress("");
  return {
    bytes: new TextEncoder().encode(text),
    warnings,
    summary: `${rows.kept} of ${plural(rows.recorded, "row")}, ${plural(alerts, "alert")}, ${
      plural(replaced, "value")
    } replaced`,
  };
}

/** Tables without a detection: rows to be looked at, or to begin a fixture with. */
function asTables(
  recorded: Recording,
  reads: readonly TableRead[],
  name: string,
  args: Arguments,
): Written {
  const { recording, replaced } = prepare(recorded, { reads, ...redaction(args) });
  const comments = [
    "Recorded by daemoneye record. The expectation is a guess: no detection was named.",
  ];
  const text = fixtureText(recording, { case: name, comments, processKeys: true });
  return {
    bytes: new TextEncoder().encode(text),
    warnings: gapWarnings(recording),
    summary: `${plural(countRows(recording), "row")}, ${plural(replaced, "value")} replaced`,
  };
}

function asLines(
  recorded: Recording,
  { reads }: Wanted,
  args: Arguments,
  out: string | undefined,
): Written {
  const { recording, replaced } = prepare(recorded, { reads, ...redaction(args) });
  const text = new TextEncoder().encode([...recordingLines(recording)].join(""));
  return {
    bytes: out?.endsWith(".gz") ? gzipSync(text, { level: 9 }) : text,
    warnings: gapWarnings(recording),
    summary: `${plural(countRows(recording), "row")}, ${plural(replaced, "value")} replaced`,
  };
}

function redaction(args: Arguments) {
  if (args.has("no-redact")) return {};
  const seed = args.value("seed") ?? crypto.randomUUID();
  return { redaction: { seed, known: { users: localUsers(), hosts: [Deno.hostname()] } } };
}

/** The people who have an account here, by the names that `/etc/passwd` has of them (passwd(5)). */
function localUsers(): string[] {
  try {
    return Deno.readTextFileSync("/etc/passwd").split("\n").flatMap((line) => {
      const [name = "", , uid, , gecos = ""] = line.split(":");
      const person = Number(uid) >= 1000 && !isSystemAccount(name);
      return person
        ? [name, gecos.split(",")[0]!].filter((text) => text === name || text.includes(" "))
        : [];
    });
  } catch {
    return [];
  }
}

/** Before anything is collected: nobody waits for what cannot be written. */
function refuseBadPlace(path: string, force: boolean): void {
  if (exists(path) && !force) throw new UsageError(`${path} exists; --force overwrites it`);
  if (!exists(dirname(path))) throw new UsageError(`there is no folder ${dirname(path)}`);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw outFault(path, error);
    return false;
  }
}

function writeFile(path: string, bytes: Uint8Array, force: boolean): void {
  try {
    Deno.writeFileSync(path, bytes, { createNew: !force });
  } catch (error) {
    throw outFault(path, error);
  }
}
