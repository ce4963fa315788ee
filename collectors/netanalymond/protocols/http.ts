import {
  createWaiting,
  type Dissector,
  type Emit,
  type Exchange,
  MAX_HEAD,
  type Side,
  textOf,
} from "../exchange.ts";
import type { Flow } from "../flow.ts";
import { createBody, type HttpBody } from "./http_body.ts";

/** The first line of a request, and of an answer (RFC 9112). */
const REQUEST = /^([!#$%&'*+.^_`|~\w-]{1,32}) (\S{1,8192}) HTTP\/(1\.\d)$/;
const ANSWER = /^HTTP\/(1\.\d) (\d{3})(?: |$)/;

/** Requests of one flow that wait for their answers. */
const MAX_REQUESTS = 100;
/** Lines of one head. */
const MAX_LINES = 200;
/** Characters of a value that is kept. */
const MAX_VALUE = 4096;

interface Head {
  readonly first: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Whether a side begins with a request. */
export function beginsRequest(bytes: Uint8Array): boolean {
  return /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|REPORT|MERGE|LOCK|SUBSCRIBE|NOTIFY|M-SEARCH) /
    .test(textOf(bytes.subarray(0, 16)));
}

/** Whether a side begins with an answer. */
export function beginsAnswer(bytes: Uint8Array): boolean {
  return textOf(bytes.subarray(0, 7)) === "HTTP/1.";
}

type Asked = Omit<Exchange, "flow"> & { readonly method: string };

/**
 * Reads HTTP/1.x (RFC 9112): the heads of requests and answers, which belong together in their order. Bodies are passed
 * over; where bytes are missing, or a head is too long, the next head is looked for at the beginning of what is sent next.
 */
export function createHttpDissector(flow: Flow, emit: Emit): Dissector {
  const asked: Asked[] = [];
  const sides = [createWaiting(), createWaiting()] as const;
  const bodies: (HttpBody | undefined)[] = [undefined, undefined];
  const lost = [false, false];
  /** Where the end of a head was looked for in vain; those that come byte by byte would take for ever otherwise. */
  const searched = [0, 0];

  const request = ({ first, fields }: Head, time: number): boolean => {
    const match = REQUEST.exec(first);
    if (!match) return false;
    const [, method, target, version] = match as unknown as [string, string, string, string];
    if (asked.length === MAX_REQUESTS) emit({ flow, ...asked.shift()! });
    asked.push({
      time,
      protocol: "http",
      version,
      method,
      url: urlOf(flow, method, target, fields.get("host")),
      user_agent: fields.get("user-agent") ?? null,
    });
    bodies[0] = createBody(fields, "request");
    return true;
  };

  const answer = ({ first, fields }: Head, time: number): boolean => {
    const match = ANSWER.exec(first);
    if (!match) return false;
    const status = Number(match[2]);
    // An interim answer; the other one follows.
    if (status < 200 && status !== 101) return true;
    const question = asked.shift();
    const length = fields.get("content-length");
    emit({
      flow,
      ...question ?? { time, protocol: "http", version: match[1]! },
      status_code: status,
      content_type: fields.get("content-type") ?? null,
      content_length: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null,
      server: fields.get("server") ?? null,
    });
    const other = status === 101 || question?.method === "CONNECT" && status < 300;
    if (other) return false;
    const empty = status === 204 || status === 304 || question?.method === "HEAD";
    bodies[1] = empty ? undefined : createBody(fields, "answer");
    return true;
  };

  const lose = (side: Side) => {
    sides[side].drop(sides[side].bytes.length);
    searched[side] = 0;
    lost[side] = true;
  };

  /** Looks for a head at the beginning of what is there; answers whether to go on. */
  const heads = (side: Side, time: number): boolean => {
    const waiting = sides[side];
    while (waiting.bytes.length > 0) {
      const body = bodies[side];
      if (body) {
        const used = body.pass(waiting.bytes);
        waiting.drop(used);
        if (!body.done) return true;
        bodies[side] = undefined;
        continue;
      }
      const end = headEnd(waiting.bytes, searched[side]!);
      if (end < 0) {
        searched[side] = waiting.bytes.length;
        return true;
      }
      searched[side] = 0;
      const head = parseHead(waiting.bytes.subarray(0, end));
      waiting.drop(end);
      if (head && !(side === 0 ? request(head, time) : answer(head, time))) return false;
    }
    return true;
  };

  return {
    protocol: "http",
    data(side, bytes, time) {
      if (lost[side]) {
        if (!(side === 0 ? beginsRequest(bytes) : beginsAnswer(bytes))) return true;
        lost[side] = false;
      }
      // Most of what is sent is bodies, which need not be copied.
      let rest = bytes;
      const body = bodies[side];
      if (body && sides[side].bytes.length === 0) {
        rest = bytes.subarray(body.pass(bytes));
        if (!body.done) return true;
        bodies[side] = undefined;
      }
      for (let at = 0; at < rest.length; at += MAX_HEAD / 2) {
        if (!sides[side].add(rest.subarray(at, at + MAX_HEAD / 2))) {
          lose(side);
          return true;
        }
        if (!heads(side, time)) return false;
      }
      return true;
    },
    gap(side, length) {
      lose(side);
      if (bodies[side]?.skip(length)) lost[side] = false;
      else bodies[side] = undefined;
    },
    end() {
      for (const question of asked.splice(0)) emit({ flow, ...question });
    },
  };
}

/**
 * Where the head ends that bytes begin with; -1 where its end is not there. Empty lines before it belong to it.
 *
 * @param searched how many bytes were there when it was looked for in vain
 */
function headEnd(bytes: Uint8Array, searched: number): number {
  let at = 0;
  while (bytes[at] === 13 || bytes[at] === 10) at++;
  // The end may have begun with the last three of them.
  at = Math.max(at, searched - 3);
  while ((at = bytes.indexOf(10, at)) >= 0) {
    at++;
    if (bytes[at] === 10) return at + 1;
    if (bytes[at] === 13 && bytes[at + 1] === 10) return at + 2;
  }
  return -1;
}

const LATIN = new TextDecoder("latin1");

function parseHead(bytes: Uint8Array): Head | undefined {
  const [first, ...lines] = LATIN.decode(bytes).trim().split(/\r?\n/, MAX_LINES);
  if (first === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    // The first of several is what most servers go by.
    if (!fields.has(name)) fields.set(name, clean(line.slice(colon + 1).trim()));
  }
  return { first, fields };
}

/** A value without what would move a terminal's cursor, and not longer than is of use. */
function clean(value: string): string {
  // deno-lint-ignore no-control-regex -- these are what is to be found
  return value.slice(0, MAX_VALUE).replace(/[\0-\x1f\x7f]/g, "\ufffd");
}

/** The URL that was asked for: of an origin, a proxy, or a tunnel. */
function urlOf(flow: Flow, method: string, target: string, host: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target) || method === "CONNECT") return clean(target);
  const { address, port } = flow.destination;
  const named = address.includes(":") ? `[${address}]` : address;
  const authority = host || (port === 80 ? named : `${named}:${port}`);
  return clean(`http://${authority}${target === "*" ? "" : target}`);
}
