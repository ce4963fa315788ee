import { read16 } from "../capture/ip.ts";
import { createWaiting, type Dissector, type Emit } from "../exchange.ts";
import type { Flow } from "../flow.ts";
import { type DnsMessage, parseDns } from "./dns_message.ts";

/** Queries of one flow that wait for an answer; the oldest gives way, and is told without one. */
const MAX_QUERIES = 256;

/** Brings queries and answers of one flow together. */
export interface DnsPairs {
  /** Takes a message. */
  take(message: DnsMessage, time: number): void;
  /** Hands out the queries that were not answered. */
  end(): void;
}

/** Makes a {@linkcode DnsPairs}. A query that is sent again is the same one; an answer without its query stands alone. */
export function createDnsPairs(flow: Flow, emit: Emit): DnsPairs {
  const queries = new Map<string, { readonly message: DnsMessage; readonly time: number }>();
  const answered = new Set<string>();
  const tell = (asked: DnsMessage, time: number, answer?: DnsMessage) =>
    emit({
      flow,
      time,
      protocol: "dns",
      dns_query: asked.name,
      dns_response: answer && answer.answers.length > 0 ? answer.answers.join(",") : null,
      more: {
        type: asked.type,
        ...answer && { code: answer.code },
        ...answer?.truncated && { truncated: true },
      },
    });
  return {
    take(message, time) {
      const key = `${message.id} ${message.type} ${message.name}`;
      const query = queries.get(key);
      if (!message.answer) {
        if (query) return;
        answered.delete(key);
        if (queries.size === MAX_QUERIES) {
          const [oldest, { message, time }] = queries.entries().next().value!;
          queries.delete(oldest);
          tell(message, time);
        }
        queries.set(key, { message, time });
        return;
      }
      queries.delete(key);
      // A packet may have been captured twice, on the way through a bridge.
      if (!query && answered.has(key)) return;
      if (answered.size === MAX_QUERIES) answered.clear();
      answered.add(key);
      tell(query?.message ?? message, query?.time ?? time, message);
    },
    end() {
      for (const { message, time } of queries.values()) tell(message, time);
      queries.clear();
    },
  };
}

/** A message that is not there in whole, with its length, and a segment that comes on top of it. */
const MAX_WAITING = 2 + 65_535 + 65_535;

/** Reads DNS over TCP: messages after their lengths. */
export function createDnsDissector(flow: Flow, emit: Emit): Dissector {
  const pairs = createDnsPairs(flow, emit);
  const sides = [createWaiting(MAX_WAITING), createWaiting(MAX_WAITING)] as const;
  const broken = [false, false];
  return {
    protocol: "dns",
    data(side, bytes, time) {
      const waiting = sides[side];
      if (broken[side]) return !broken.every(Boolean);
      if (!waiting.add(bytes)) return false;
      while (waiting.bytes.length >= 2) {
        const end = 2 + read16(waiting.bytes, 0);
        if (waiting.bytes.length < end) break;
        const message = parseDns(waiting.bytes.subarray(2, end), false);
        if (!message) return false;
        pairs.take(message, time);
        waiting.drop(end);
      }
      return true;
    },
    gap(side) {
      // Where the next message begins is not known any more.
      broken[side] = true;
    },
    end: pairs.end,
  };
}
