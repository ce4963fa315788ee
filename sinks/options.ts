import { z } from "zod";
import { SEVERITIES, type Severity } from "../model/detection.ts";
import { sinkName } from "./name.ts";
import { duration, path, type Secret, secret, size } from "./fields.ts";
import { parseAddress } from "./syslog/address.ts";
import { FACILITIES } from "./syslog/priority.ts";

/** What every sink has. */
const common = {
  name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, "letters, digits, dots and dashes").optional()
    .describe("What reports and the outbox call it; by default its type"),
  min_severity: z.enum(SEVERITIES).default("informational")
    .describe("Only alerts of this severity and worse"),
  attempts: z.int().min(1).max(1_000).default(8)
    .describe("After so many refusals an alert becomes a dead letter"),
  give_up_after: duration.default(7 * 86_400_000)
    .describe("An alert that could not be delivered for so long becomes a dead letter"),
  timeout: duration.default(10_000).describe("How long one delivery may take"),
};

const stdout = z.strictObject({
  type: z.literal("stdout"),
  ...common,
  format: z.enum(["text", "json", "csv"]).default("json"),
});

const file = z.strictObject({
  type: z.literal("file"),
  ...common,
  path: path.describe("The file; one JSON object a line"),
  max_size: size.default(100_000_000).describe("The file is rotated before it grows beyond"),
  max_age: duration.optional().describe("The file is rotated when its first alert is older"),
  keep: z.int().min(0).max(100).default(7).describe("So many rotated files are kept"),
  fsync: z.enum(["always", "interval", "never"]).default("always")
    .describe("When the file is made durable: with each alert, once a second, or by the system"),
});

const syslog = z.strictObject({
  type: z.literal("syslog"),
  ...common,
  address: z.string().max(1_000).superRefine((text, context) => {
    const found = parseAddress(text);
    if (typeof found === "string") context.addIssue({ code: "custom", message: found });
  }).describe("unix:/path, udp://host:514, tcp://host:601 or tls://host:6514"),
  format: z.enum(["rfc5424", "rfc3164"]).default("rfc5424"),
  facility: z.enum(FACILITIES).default("daemon"),
  message: z.enum(["text", "json"]).default("text")
    .describe("Title and row, or the whole alert as JSON"),
  max_size: size.optional()
    .describe("Longer messages are cut, with a mark; by default 2048B over UDP, else 8192B"),
  ca: path.optional().describe("PEM file of the authorities that the server's certificate is of"),
});

const header = z.union([
  z.strictObject({ env: z.string(), prefix: z.string().max(100).optional() }),
  z.strictObject({ file: path, prefix: z.string().max(100).optional() }),
  z.string().max(10_000),
]);

const webhook = z.strictObject({
  type: z.literal("webhook"),
  ...common,
  url: z.string().max(2_000).superRefine((text, context) => {
    const fault = urlFault(text);
    if (fault) context.addIssue({ code: "custom", message: fault });
  }).describe("HTTPS; {token} in its path stands for the secret `token`"),
  token: secret.optional().describe("Stands for {token} in the path of the URL"),
  preset: z.enum(["alert", "slack"]).default("alert")
    .describe("The alert as it is, or a message that Slack and its kin understand"),
  template: z.json().optional()
    .describe("JSON to send instead, with {{title}} and {{alert_data.pid}} in its texts"),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), header).default({})
    .describe("More headers: texts, or secrets with a prefix"),
  secret: secret.optional().describe("Signs each request with HMAC-SHA256"),
  ca: path.optional().describe("PEM file of more authorities to trust"),
  proxy: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    username: z.string().max(200).optional(),
    password: secret.optional(),
  }).optional().describe("An HTTP proxy"),
});

/** Why a URL cannot be a webhook's. */
function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return "a URL such as https://alerts.example/hook";
  if (url.username || url.password) return "a URL without a password; use headers or {token}";
  const loopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !loopback) return "https, since others could read the alerts";
  if (url.host.includes("{")) return "{token} only in the path";
  return undefined;
}

/** An element of `sinks` in the configuration. */
export const sinkOptions = z.discriminatedUnion("type", [stdout, file, syslog, webhook]);

/** A sink as it is configured, as text. */
export type SinkInput = z.input<typeof sinkOptions>;

/** A sink as it is configured, read: durations in ms, sizes in bytes, defaults filled in. */
export type SinkOptions = z.output<typeof sinkOptions>;

/** Options of a file sink. */
export type FileSinkOptions = z.output<typeof file>;
/** Options of a syslog sink. */
export type SyslogSinkOptions = z.output<typeof syslog>;
/** Options of a webhook sink. */
export type WebhookSinkOptions = z.output<typeof webhook>;

/** `sinks` in the configuration. Each has a name of its own: alerts wait for a sink under its name. */
export const sinkList = z.array(sinkOptions).max(50).superRefine((sinks, context) => {
  const seen = new Set<string>();
  for (const [index, sink] of sinks.entries()) {
    const name = sinkName(sink);
    if (seen.has(name)) {
      const message = `two sinks are called ${name}; give each a name of its own`;
      context.addIssue({ code: "custom", message, path: [index, "name"] });
    }
    seen.add(name);
  }
});

/** Whether a sink wants alerts of a severity. */
export function wants({ min_severity }: SinkOptions, severity: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(min_severity);
}

/** The secrets of a sink, by what they are for. */
export function secretsOf(options: SinkOptions): readonly (readonly [what: string, Secret])[] {
  if (options.type !== "webhook") return [];
  const { token, secret, proxy, headers } = options;
  return [
    ...token === undefined ? [] : [["token", token] as const],
    ...secret === undefined ? [] : [["secret", secret] as const],
    ...proxy?.password === undefined ? [] : [["proxy.password", proxy.password] as const],
    ...Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "object" || SENSITIVE.test(name) ? [[`headers.${name}`, value] as const] : []
    ),
  ];
}

const SENSITIVE = /auth|token|key|secret|cookie/i;

/** A sentence for each secret that stands in the configuration itself, without showing it. */
export function secretWarnings(sinks: readonly SinkOptions[]): string[] {
  return sinks.flatMap((sink) =>
    secretsOf(sink).filter(([, secret]) => typeof secret === "string").map(([what]) =>
      `sink ${
        sinkName(sink)
      }: ${what} stands in the configuration, where everyone who reads it sees it; ` +
      "use { env: NAME } or { file: PATH }"
    )
  );
}
