/**
 * The health process: answers `/health` and `/metrics`. What it answers it reads from standard input; it ends when its
 * input does. It may listen at one address, and knows nothing but what it is told.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../sinks/mod.ts";
import { openSecrets } from "../../sinks/secrets.ts";
import { type FrameWriter, readFrames, writeFrame } from "../sandbox/frames.ts";
import { METRICS_TYPE } from "./exposition.ts";

/** What the agent says first. */
export interface Listen {
  readonly hostname: string;
  readonly port: number;
  /** Who asks has to present it. */
  readonly token?: Secret;
}

/** What the agent says from then on. */
export interface Answers {
  /** Whether it watches at all. */
  readonly alive: boolean;
  /** The body of `/health`, without its status. */
  readonly health: Record<string, unknown>;
  /** The body of `/metrics`. */
  readonly metrics: string;
}

/** Without a word of the agent for so long it is taken to hang, ms. */
const SILENCE = 60_000;

/** The answer to a request. */
export function answer(
  request: Request,
  token: string | undefined,
  answers: Answers | undefined,
  silence: number,
): Response {
  const { pathname } = new URL(request.url);
  if (token !== undefined && !presents(request, token)) {
    return text("a bearer token is needed\n", 401, { "www-authenticate": "Bearer" });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return text("only GET and HEAD\n", 405, { allow: "GET, HEAD" });
  }
  const alive = answers !== undefined && answers.alive && silence < SILENCE;
  const silent = Math.round(silence / 1000);
  switch (pathname) {
    case "/health": {
      const status = alive ? answers.health["status"] : "failing";
      const body = { ...answers?.health, status, silent_seconds: silent };
      return text(JSON.stringify(body) + "\n", alive ? 200 : 503, {
        "content-type": "application/json",
      });
    }
    case "/metrics":
      return text(
        "# HELP daemoneye_up Whether the agent works.\n# TYPE daemoneye_up gauge\n" +
          `daemoneye_up ${Number(alive)}\n${answers?.metrics ?? ""}`,
        200,
        { "content-type": METRICS_TYPE },
      );
    default:
      return text("there are /health and /metrics\n", 404);
  }
}

function text(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(body, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

function presents(request: Request, token: string): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** What the process says of itself. */
export type Said = { readonly port: number } | { readonly problem: string };

async function serve(): Promise<void> {
  const writer: FrameWriter = Deno.stdout.writable.getWriter();
  const say = (said: Said) => writeFrame(writer, said);
  let answers: Answers | undefined;
  let heard = performance.now();
  let listening = false;
  for await (const { header } of readFrames<Listen | Answers>(Deno.stdin.readable)) {
    heard = performance.now();
    if (!("hostname" in header)) {
      answers = header;
      continue;
    }
    if (listening) continue;
    listening = true;
    const { hostname, port, token: secret } = header;
    try {
      const token = secret === undefined ? undefined : await openSecrets().read(secret);
      Deno.serve({
        hostname,
        port,
        onListen: ({ port }) => void say({ port }),
        handler: (request) => answer(request, token, answers, performance.now() - heard),
      });
    } catch (error) {
      await say({ problem: error instanceof Error ? error.message : String(error) });
      return;
    }
  }
}

if (import.meta.main) {
  await serve();
  Deno.exit();
}
