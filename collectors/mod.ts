import type {
  Collection,
  CollectionTask,
  CollectorReport,
  CollectorStatus,
  ConfinementPolicy,
  MemoryValues,
  WatchTask,
  YaraEngine,
} from "../model/collection.ts";
import type { HashCache } from "../model/hash_cache.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { binary_analysis } from "../profiles/binary_analysis.ts";
import { code_signing } from "../profiles/code_signing.ts";
import { imports_exports } from "../profiles/imports_exports.ts";
import { file_events } from "../profiles/file_events.ts";
import { file_metadata } from "../profiles/file_metadata.ts";
import { heap_analysis } from "../profiles/heap_analysis.ts";
import { memory_artifacts } from "../profiles/memory_artifacts.ts";
import { memory_patterns } from "../profiles/memory_patterns.ts";
import { memory_regions } from "../profiles/memory_regions.ts";
import { groups } from "../profiles/groups.ts";
import { kernel_modules } from "../profiles/kernel_modules.ts";
import { logins } from "../profiles/logins.ts";
import { mounts } from "../profiles/mounts.ts";
import { network_traffic } from "../profiles/network_traffic.ts";
import { packages } from "../profiles/packages.ts";
import { protocol_analysis } from "../profiles/protocol_analysis.ts";
import { persistence_items } from "../profiles/persistence_items.ts";
import { threat_indicators } from "../profiles/threat_indicators.ts";
import { users } from "../profiles/users.ts";
import { yara_matches } from "../profiles/yara_matches.ts";
import { network_connections } from "../profiles/network_connections.ts";
import { network_interfaces } from "../profiles/network_interfaces.ts";
import { process_events } from "../profiles/process_events.ts";
import { process_performance } from "../profiles/process_performance.ts";
import { processes } from "../profiles/processes.ts";
import { configuration_changes } from "../profiles/configuration_changes.ts";
import { security_policies } from "../profiles/security_policies.ts";
import { system_configuration } from "../profiles/system_configuration.ts";
import { collectedColumns } from "../schema/columns.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { binmond } from "./binmond/mod.ts";
import { binmondWithYara } from "./binmond/yara/programs.ts";
import { changemond } from "./configmond/changes/mod.ts";
import { configmond } from "./configmond/mod.ts";
import type { CollectorDeclaration } from "./core/collector.ts";
import { type CollectorHandle, createHandle } from "./core/handle.ts";
import { loosen } from "./core/loosen.ts";
import { isRoot, strongestMeans } from "./core/means.ts";
import { correctedLater, FILE_COLUMNS, withExecutables } from "./executables.ts";
import { hasher } from "./hasher/mod.ts";
import { executable_files, file_hashes } from "./hasher/tables.ts";
import { permissionsInWords, permissionsOn } from "./core/permissions.ts";
import { basefilemond } from "./basefilemond/mod.ts";
import { basemond } from "./basemond/mod.ts";
import { findSupplier, ofBase, withFallback } from "./fallback.ts";
import { netanalymond } from "./netanalymond/mod.ts";
import { netmond } from "./netmond/mod.ts";
import { netlinker } from "./netmond/netlinker/mod.ts";
import { socket_details } from "./netmond/netlinker/tables.ts";
import { filemond } from "./filemond/mod.ts";
import { fsmond } from "./fsmond/mod.ts";
import { perfmond } from "./perfmond/mod.ts";
import { memmond } from "./memmond/mod.ts";
import { regmond } from "./regmond/mod.ts";
import { procmond } from "./procmond/mod.ts";
import { DETAIL_COLUMNS, withSockets } from "./sockets.ts";

/** A collector with the tables that it supplies. */
export interface Registration {
  /** What is known of it without running it. */
  readonly collector: CollectorDeclaration;
  /** The tables, all that the declaration names. */
  readonly specs: readonly TableSpec[];
  /** Other collectors, without which some of its columns cannot be had. */
  readonly helpers?: readonly CollectorDeclaration[];
  /** Another collector, with fewer columns, for where this one fails or cannot read the platform. */
  readonly fallback?: CollectorDeclaration;
}

/** Every collector. */
export const COLLECTORS: readonly Registration[] = [
  {
    collector: procmond,
    specs: [processes, process_events],
    helpers: [hasher],
    fallback: basemond,
  },
  {
    collector: netmond,
    specs: [network_connections, network_interfaces],
    helpers: [netlinker],
    fallback: basemond,
  },
  { collector: fsmond, specs: [file_events] },
  { collector: filemond, specs: [file_metadata], fallback: basefilemond },
  { collector: perfmond, specs: [process_performance], fallback: basemond },
  { collector: binmond, specs: [binary_analysis, imports_exports, code_signing, yara_matches] },
  { collector: memmond, specs: [memory_regions, memory_patterns, memory_artifacts, heap_analysis] },
  {
    collector: regmond,
    specs: [users, groups, logins, kernel_modules, mounts, packages, persistence_items],
  },
  { collector: configmond, specs: [system_configuration, security_policies] },
  { collector: changemond, specs: [configuration_changes] },
  {
    collector: netanalymond,
    specs: [network_traffic, protocol_analysis, threat_indicators],
  },
  { collector: netlinker, specs: [socket_details] },
  { collector: hasher, specs: [executable_files, file_hashes] },
  { collector: basefilemond, specs: [file_metadata] },
  {
    collector: basemond,
    specs: [processes, process_performance, network_connections, network_interfaces],
  },
];

/** The collectors of a host. */
export interface Collectors extends AsyncDisposable {
  /** Whether any of them supplies a table on this platform. */
  supports(table: string): boolean;
  /**
   * Collects a table. Batches are checked, and have a gap for each column that was not collected. What goes wrong is the
   * outcome, in words: this never throws, and nothing that a collector sends can make it.
   */
  collect(task: CollectionTask): Collection;
  /**
   * Tells of the rows of an event table as they happen, milliseconds later, until the signal is aborted. Batches and
   * outcome are as those of {@linkcode Collectors.collect}; whoever stores a batch acknowledges it. A collector that
   * fails is started again; what was lost is told, and makes the outcome partial.
   */
  watch(task: WatchTask, signal: AbortSignal): Collection;
  /** What each collector has done since it was opened; those of which nothing was asked are left out. */
  reports(): CollectorReport[];
  /** Each collector with its state, permissions and counters, those of other platforms, too. */
  statuses(): CollectorStatus[];
  /** Starts every collector that does not run, to see whether it can; what goes wrong is in its status. */
  start(): Promise<void>;
  /** Ends all collectors once what they are doing is done: watching ends with what has happened so far. */
  drain(): Promise<void>;
  /** Ends all collectors. */
  close(): Promise<void>;
}

/** What collectors are opened with. */
export interface CollectorsOptions {
  /** The platform of this host. */
  readonly platform: Platform;
  /** How collectors are to be confined. */
  readonly policy: ConfinementPolicy;
  /** Where hashes of files are remembered between scans. */
  readonly cache?: HashCache;
  /** Ends all collectors when it is aborted; collections then end with what they have. */
  readonly signal?: AbortSignal;
  /** ms: how often a collector that subscribes to events compares what it is told with the host; 10 minutes if absent. */
  readonly reconcileEvery?: number;
  /** ms without a task after which the process of a collector that waits to be asked is ended; 3 minutes if absent. */
  readonly idleAfter?: number;
  /** Places of files that are watched, absolute paths; those that the collector of files knows itself if absent. */
  readonly paths?: readonly string[];
  /** Who tries YARA rules on files: the engine of this toolkit if absent, or the program that the host has. */
  readonly yara?: YaraEngine;
  /** How finds in the memory of processes are told; `hashed` if absent. */
  readonly memoryValues?: MemoryValues;
  /** Other collectors than those of this toolkit. */
  readonly collectors?: readonly Registration[];
  /** Whether memory is scarce now: collectors are asked for small batches then, and use small buffers. */
  readonly thrifty?: () => boolean;
  /** Told each time that the process of a collector has started. */
  readonly onStarted?: (report: CollectorReport) => void;
}

/**
 * Why collectors are held by less here than the strongest means would hold them, in words; `undefined` where nothing is
 * missing, or nothing was to be expected: an ordinary user has no namespaces, and who switches confinement off wants none.
 */
export async function lackingConfinement(policy: ConfinementPolicy): Promise<string | undefined> {
  const { name, reason } = await strongestMeans();
  const expected = policy !== "off" && Deno.build.os === "linux" && isRoot();
  return expected && name !== "namespaces" ? reason : undefined;
}

/** Milliseconds in which a collector must have said hello when it is started for its own sake. */
const START = 10_000;

/** Those that read the memory of processes. */
const MEMORY_READERS: ReadonlySet<string> = new Set([memmond.name, binmond.name]);

/** A collector as it is where the operator wants to see what stands in memory. */
function tellingSecrets(
  collector: CollectorDeclaration,
  values: MemoryValues | undefined,
): CollectorDeclaration {
  return values === "whole" && MEMORY_READERS.has(collector.name)
    ? { ...collector, permissions: { ...collector.permissions, secrets: "whole" } }
    : collector;
}

/** Opens the collectors of a platform. Their processes start when there is work for them. */
export async function openCollectors(
  {
    platform,
    policy,
    cache,
    signal,
    reconcileEvery,
    idleAfter,
    paths,
    yara,
    memoryValues,
    thrifty,
    onStarted,
    collectors = COLLECTORS,
  }: CollectorsOptions,
): Promise<Collectors> {
  await strongestMeans();
  const handles = collectors.map(({ collector, specs, fallback }) => ({
    specs,
    fallback,
    handle: createHandle({
      collector: tellingSecrets(
        yara === "system" && collector === binmond ? binmondWithYara : collector,
        memoryValues,
      ),
      specs,
      platform,
      policy,
      ...(reconcileEvery !== undefined && { reconcileEvery }),
      ...(idleAfter !== undefined && { idleAfter }),
      ...(paths && { paths }),
      ...(thrifty && { thrifty }),
      ...(onStarted && { onStarted }),
    }),
  }));
  const find = (table: string) => findSupplier(handles, table, platform);
  const fileHandle = find(executable_files.name)?.handle;
  const linkHandle = find(socket_details.name)?.handle;
  let closed = false;

  const all = async (act: (handle: CollectorHandle) => Promise<void>) =>
    void await Promise.all(handles.map(({ handle }) => act(handle)));
  const close = async () => {
    closed = true;
    signal?.removeEventListener("abort", close);
    await all((handle) => handle.close());
  };
  signal?.addEventListener("abort", close);
  if (signal?.aborted) await close();

  /** Whom to ask, and what of a task is for the collector itself; why nobody can be asked, in words. */
  const prepare = <T extends CollectionTask | WatchTask>(task: T, watch: boolean) => {
    const found = find(task.table);
    if (closed) return "collecting was ended";
    if (!found) return `no collector supplies ${task.table} on ${platform}`;
    const { spec, handle, base, better } = found;
    if (spec.events && !watch) {
      return `${task.table} is of what happens while somebody watches, and this is one look`;
    }
    if (!spec.events && watch) return `${task.table} is no table of events`;
    const names = new Set(collectedColumns(spec, platform).map(({ name }) => name));
    const hasFiles = fileHandle !== undefined && handle !== fileHandle &&
      FILE_COLUMNS.every((column) => names.has(column));
    const { where, limit, ...rest } = { limit: undefined, ...task };
    const hasSockets = linkHandle !== undefined && spec.name === network_connections.name;
    // What another collector adds, or corrects, cannot be judged by this one.
    const kept = where &&
      loosen(
        where,
        (test) =>
          hasSockets && DETAIL_COLUMNS.includes(test.column) || hasFiles && correctedLater(test),
      );
    // A limit counts the rows of the whole predicate.
    const whole = JSON.stringify(kept) === JSON.stringify(where);
    const wanted = [
      ...task.project,
      ...whole ? [] : ["executable_deleted"],
      ...hasSockets ? ["inode"] : [],
    ];
    const project = wanted.filter((column) => names.has(column));
    return {
      handle,
      base,
      better,
      hasher: hasFiles ? fileHandle : undefined,
      hashes: FILE_COLUMNS.some((column) => project.includes(column)),
      netlinker: hasSockets && DETAIL_COLUMNS.some((column) => project.includes(column))
        ? linkHandle
        : undefined,
      task: {
        ...rest,
        project,
        ...(kept && { where: kept }),
        ...(limit !== undefined && whole && { limit }),
      },
    };
  };

  /** Rows of a collector, with what others know of them. */
  const enriched = (
    { handle, task, hasher, hashes, netlinker }: Exclude<ReturnType<typeof prepare>, string>,
    deadline: number,
  ): Collection => {
    const batches = handle.collect({ ...task, deadline });
    if (netlinker) return withSockets(batches, { netlinker, project: task.project, deadline });
    return hasher ? withExecutables(batches, { hasher, cache, hashes, deadline }) : batches;
  };

  return {
    supports: (table) => find(table) !== undefined,
    async *collect(task) {
      const asked = prepare(task, false);
      if (typeof asked === "string") return { status: "unavailable", reason: asked };
      const { deadline } = task;
      const { handle, base, better } = asked;
      if (better) {
        const batches = handle.collect({ ...asked.task, deadline });
        return yield* ofBase(batches, `${better} cannot read ${platform}`);
      }
      const batches = enriched(asked, deadline);
      if (!base) return yield* batches;
      const fall = (deadline: number) =>
        closed ? undefined : base.collect({ ...asked.task, deadline });
      return yield* withFallback(batches, fall, deadline);
    },
    async *watch(task, until) {
      const asked = prepare(task, true);
      if (typeof asked === "string") return { status: "unavailable", reason: asked };
      const { handle, hasher, hashes } = asked;
      const batches = handle.watch(asked.task, until);
      if (!hasher || !hashes) return yield* batches;
      return yield* withExecutables(batches, { hasher, cache, hashes });
    },
    reports: () =>
      handles.map(({ handle }) => handle.report()).filter((report) => report !== undefined),
    statuses: () =>
      handles.map(({ handle, specs }) => {
        const { name, kind } = handle.collector;
        const report = handle.report();
        return {
          name,
          kind,
          tables: specs.map((spec) => spec.name).filter((table) => CATALOGUE.has(table)),
          ...handle.state(),
          permissions: permissionsInWords(permissionsOn(handle.collector, platform)),
          ...(report && { report }),
        };
      }),
    start: () =>
      all(async (handle) => {
        if (!closed && handle.collector.modules[platform]) {
          await handle.start(START).catch(() => {});
        }
      }),
    async drain() {
      closed = true;
      await all((handle) => handle.drain());
      await close();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
