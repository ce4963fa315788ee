import type { ServiceFile, ServiceOptions } from "./options.ts";

/** A first configuration: what is in force anyway, and a sink that keeps alerts. */
export function firstConfig(
  { config, toolkit }: Pick<ServiceOptions, "config" | "toolkit">,
): ServiceFile {
  return {
    path: config,
    mode: 0o600,
    text: `# Configuration of DaemonEye: ${toolkit}/docs/configuration.md
state: /var/lib/daemoneye/state.kv
sinks:
  - { type: file, path: /var/log/daemoneye/alerts.jsonl }
retention: { age: 30d }
schedule: { every: 60s, splay: 10s }
# Where health and metrics are served, to whoever presents the token.
# health: { listen: "127.0.0.1:9464", token: { file: /etc/daemoneye/token } }
`,
  };
}
