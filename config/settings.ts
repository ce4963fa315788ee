import { z } from "zod";
import { CONFINEMENT_POLICIES, MEMORY_VALUES, YARA_ENGINES } from "../model/collection.ts";
import { sinkList } from "../sinks/mod.ts";
import { duration, path, secret, size } from "../sinks/fields.ts";

const collectors = z.strictObject({
  fsmond: z.strictObject({
    paths: z.array(path).min(1).max(256).optional()
      .describe("Folders whose files are watched, with everything below them"),
  }).prefault({}).describe("File events"),
  yara: z.strictObject({
    engine: z.enum(YARA_ENGINES).default("wasm").describe(
      "Who tries YARA rules on files: the engine that comes along, without any permission, or the system's yara; without one files are not evaluated",
    ),
  }).prefault({}).describe("YARA rules"),
  memory: z.strictObject({
    values: z.enum(MEMORY_VALUES).default("hashed").describe(
      "What is told of finds in memory: their beginning and SHA-256, or the whole of them, passwords and private keys too, which then stand in the store, in alerts and at every sink",
    ),
  }).prefault({}).describe("Memory of processes"),
});

const retention = z.strictObject({
  age: duration.prefault("30d").describe("Scans and alerts that are not older"),
  count: z.int().min(1).max(1_000_000).default(2_000).describe("So many scans, the newest"),
  size: size.prefault("2GB").describe(
    "What the store may take of the disk: the oldest scans go. Alerts go by age alone",
  ),
});

const audit = z.strictObject({
  size: size.refine((bytes) => bytes >= 100_000, "at least 100KB").prefault("10MB")
    .describe("A file of the audit log that would become longer is full, and another one begun"),
  keep: z.int().min(1).max(100_000).default(10)
    .describe("So many full files are kept, the newest"),
});

const schedule = z.strictObject({
  every: duration.prefault("60s").describe("Time between two runs"),
  splay: duration.optional()
    .describe("Runs are spread over so long, differently on each host"),
});

const budgets = z.strictObject({
  share: z.number().min(0.1).max(100).default(10).describe(
    "What a detection may take of the time between its runs, in percent; one that takes more runs more seldom, then rests",
  ),
});

const events = z.strictObject({
  waiting: size.prefault("64MB").describe(
    "What may wait to be judged, of each table; beyond it the oldest events go, and are counted",
  ),
  together: z.int().min(1).max(100_000).default(4_096)
    .describe("So many events are judged together at most"),
});

const health = z.strictObject({
  listen: z.string().regex(
    /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$/,
    "an address with a port, such as 127.0.0.1:9464",
  ).optional().describe(
    "Address and port of /health and /metrics, such as 127.0.0.1:9464; without it there are none",
  ),
  token: secret.optional().describe(
    "What has to be presented as bearer token; needed where others than this host can ask",
  ),
}).refine(
  ({ listen, token }) =>
    token !== undefined || !listen || /^(127\.|\[::1\]|localhost)/.test(listen),
  { path: ["listen"], error: "an address that others can reach needs a token" },
);

/** `daemoneye.yaml`: every key with what it takes and what it means. An empty file is a whole one. */
export const SETTINGS = z.strictObject({
  state: z.string().min(1).max(1_000).optional().describe(
    "The store; by default in $XDG_STATE_HOME, as root in /var/lib/daemoneye",
  ),
  detections: z.array(z.string().min(1).max(1_000)).min(1).max(1_000).optional().describe(
    "Detection files, folders of them, or repositories; the shipped ones by default",
  ),
  sinks: sinkList.optional().describe("Where alerts go; to standard output by default"),
  collectors: collectors.prefault({}).describe("What collectors look at"),
  retention: retention.prefault({}).describe("What is kept in the store"),
  audit: audit.prefault({}).describe("What is kept of the audit log"),
  confinement: z.enum(CONFINEMENT_POLICIES).default("preferred").describe(
    "How collectors are confined; required refuses to run with less than namespaces",
  ),
  schedule: schedule.prefault({}).describe("When detections run whose file does not say it"),
  budgets: budgets.prefault({}).describe("What detections may take"),
  events: events.prefault({}).describe("How events are judged as they arrive"),
  health: health.prefault({}).describe("Where health and metrics are served"),
});

/** What is configured, with every default filled in: durations in ms, sizes in bytes. */
export type Settings = z.output<typeof SETTINGS>;

/** The JSON Schema (draft 2020-12) of `daemoneye.yaml`, for editors. */
export function settingsJsonSchema(): Record<string, unknown> {
  return {
    title: "Configuration of DaemonEye",
    ...z.toJSONSchema(SETTINGS, { io: "input", unrepresentable: "any" }),
  };
}
