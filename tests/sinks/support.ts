import type { Alert } from "../../model/alert.ts";
import { type SinkOptions, sinkOptions } from "../../sinks/mod.ts";

/** An alert of a test. */
export function alertOf(fields: Partial<Alert> = {}): Alert {
  return {
    kind: "alert",
    id: crypto.randomUUID(),
    alert_time: Date.UTC(2026, 10, 22, 10, 0, 0),
    rule_id: "3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11",
    rule_version: "1.0.0",
    title: "A title",
    description: "A description",
    severity: "high",
    tags: ["attack.execution"],
    host: "host-a",
    scan_id: 1,
    affected_processes: [4100],
    process_count: 1,
    alert_data: { pid: 4100, name: "evil" },
    rule_execution_time_ms: 1.5,
    dedupe_key: '{"pid":4100}',
    suppressed_count: 0,
    evidence: [],
    ...fields,
  };
}

/** Options of a sink as the configuration gives them, read. */
export function optionsOf<T extends SinkOptions["type"]>(
  input: { readonly type: T } & Record<string, unknown>,
): Extract<SinkOptions, { type: T }> {
  return sinkOptions.parse(input) as Extract<SinkOptions, { type: T }>;
}

/** A folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "daemoneye-sinks-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Text of hosts that means something to terminals, logs and chats. */
export const ATTACKS: readonly string[] = [
  "\x1b]52;c;cm0gLXJm\x07\x1b[2J",
  'x\n<0>1 2026-01-01T00:00:00Z h a - - - forged\r\n"]\\ ',
  '"][forged@1 a="b"]',
  "cod\u202etxt.exe\u2066\0",
  "<!channel> <https://evil.example|click> & <@U1> ```` `",
  "\ud800 lone, and 🦊 whole",
  "{{title}} %n %m $1",
];
