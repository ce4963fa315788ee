import { createWaiting, type Dissector, type Emit, textOf } from "../exchange.ts";
import type { Flow } from "../flow.ts";

/** What miners ask of a pool, one JSON object a line (stratum, and its dialects for CryptoNote and Ethereum). */
const METHODS: ReadonlySet<string> = new Set([
  "login",
  "mining.subscribe",
  "mining.authorize",
  "mining.configure",
  "mining.submit",
  "eth_submitLogin",
  "eth_getWork",
  "submit",
  "getjob",
  "keepalived",
]);

/** Requests that are told of one flow. */
const MAX_TOLD = 20;
/** A line is not longer. */
const MAX_LINE = 8192;

/** Whether a side begins with a request of a miner. */
export function beginsStratum(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b) return false;
  const text = textOf(bytes.subarray(0, 512));
  const method = /"method"\s*:\s*"([\w.]{1,32})"/.exec(text)?.[1];
  if (method === undefined || !METHODS.has(method)) return false;
  // `login` and `submit` are words of many protocols.
  return method.includes(".") || method.startsWith("eth_") ||
    /"(login|agent|algo|job_id|rigid)"\s*:/.test(text);
}

/** Reads what miners ask of pools. */
export function createStratumDissector(flow: Flow, emit: Emit): Dissector {
  const waiting = createWaiting(MAX_LINE);
  let told = 0;
  return {
    protocol: "stratum",
    data(side, bytes, time) {
      if (side === 1) return told < MAX_TOLD;
      if (!waiting.add(bytes.subarray(0, MAX_LINE))) return false;
      let end: number;
      while ((end = waiting.bytes.indexOf(10)) >= 0 && told < MAX_TOLD) {
        const asked = parseLine(textOf(waiting.bytes.subarray(0, end)));
        waiting.drop(end + 1);
        if (!asked) return false;
        told++;
        const { address, port } = flow.destination;
        const host = address.includes(":") ? `[${address}]` : address;
        emit({
          flow,
          time,
          protocol: "stratum",
          url: `stratum+tcp://${host}:${port}`,
          user_agent: asked.agent ?? null,
          more: { request: asked.method },
        });
      }
      return told < MAX_TOLD;
    },
    gap: () => waiting.drop(waiting.bytes.length),
    end: () => {},
  };
}

function parseLine(
  line: string,
): { readonly method: string; readonly agent?: string } | undefined {
  try {
    const { method, params } = JSON.parse(line);
    if (typeof method !== "string") return undefined;
    const agent = Array.isArray(params) ? params[0] : params?.agent;
    const names = method === "mining.subscribe" || !Array.isArray(params);
    return {
      method: method.slice(0, 64),
      ...names && typeof agent === "string" && { agent: agent.slice(0, 256) },
    };
  } catch {
    return undefined;
  }
}
