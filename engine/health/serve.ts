import type { Secret } from "../../sinks/mod.ts";
import { startDeliveryProcess } from "../delivery/process.ts";
import { readFrames, writeFrame } from "../sandbox/frames.ts";
import { delay } from "../stopping.ts";
import type { Answers, Listen, Said } from "./server.ts";

/** Where `/health` and `/metrics` are served. */
export interface Endpoint extends AsyncDisposable {
  /** The address, with the port that the system has chosen where 0 was asked for; `undefined` until it is served. */
  address(): string | undefined;
  /** Answers so from now on. */
  publish(answers: Answers): void;
}

/** What an endpoint is opened with. */
export interface EndpointOptions {
  /** Host and port, such as `127.0.0.1:9464` or `[::1]:9464`. */
  readonly listen: string;
  /** Who asks has to present it; without one everybody may ask. */
  readonly token?: Secret;
  /** Told, in words. */
  readonly onProblem: (message: string) => void;
  /** Told of the address, each time that it is served. */
  readonly onListen?: (address: string) => void;
}

/** Pause before the process is started anew, ms. */
const PAUSE = 5_000;

const MODULE = new URL("server.ts", import.meta.url);

/** Host and port of an address. */
export function parseListen(listen: string): { readonly hostname: string; readonly port: number } {
  const at = listen.lastIndexOf(":");
  return {
    hostname: listen.slice(0, at).replace(/^\[|\]$/g, ""),
    port: Number(listen.slice(at + 1)),
  };
}

/**
 * Serves health and metrics in a process of its own, which may listen at this address and do nothing else, so that the
 * agent itself needs no network. Where it ends it is started again.
 */
export function openEndpoint(options: EndpointOptions): Endpoint {
  const { listen, token, onProblem, onListen } = options;
  const { hostname, port } = parseListen(listen);
  const stop = new AbortController();
  let say: ((answers: Answers) => Promise<void>) | undefined;
  let address: string | undefined;
  let answers: Answers | undefined;

  async function run(): Promise<void> {
    const { process, stderr } = await startDeliveryProcess({
      net: [`${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`],
      read: typeof token === "object" && "file" in token ? [token.file] : [],
      write: [],
      env: typeof token === "object" && "env" in token ? [token.env] : [],
    }, MODULE);
    const kill = () => {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    };
    stop.signal.addEventListener("abort", kill);
    if (stop.signal.aborted) kill();
    const writer = process.stdin.getWriter();
    let problem: string | undefined;
    try {
      // A process that is gone is started again, and told all of it then.
      const first: Listen = { hostname, port, ...(token !== undefined && { token }) };
      writeFrame(writer, first).catch(() => {});
      say = newestOnly((newest) => writeFrame(writer, newest).catch(() => {}));
      if (answers) say(answers);
      for await (const { header } of readFrames<Said>(process.stdout)) {
        if ("problem" in header) {
          problem = header.problem;
          continue;
        }
        address = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${header.port}`;
        onListen?.(address);
      }
    } catch {
      // It says something else than it should: it ends.
      kill();
    } finally {
      stop.signal.removeEventListener("abort", kill);
      say = address = undefined;
      await process.status;
    }
    if (stop.signal.aborted) return;
    const why = problem ?? (stderr.text().trim() || "its process ended");
    onProblem(`health is not served at ${listen}: ${why}`);
  }

  async function serve(): Promise<void> {
    while (!stop.signal.aborted) {
      await run().catch((error) => onProblem(`health is not served: ${(error as Error).message}`));
      await delay(PAUSE, stop.signal);
    }
  }

  const serving = serve();
  return {
    address: () => address,
    publish(next) {
      answers = next;
      say?.(next);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await serving;
    },
  };
}

/**
 * Says one thing after the other, and of what comes meanwhile the newest alone: nothing piles up where nobody reads.
 *
 * @param say never rejects
 */
function newestOnly<T>(say: (one: T) => Promise<void>): (one: T) => Promise<void> {
  let next: T | undefined;
  let saying = false;
  return async (one) => {
    next = one;
    if (saying) return;
    saying = true;
    while (next !== undefined) {
      const now: T = next;
      next = undefined;
      await say(now);
    }
    saying = false;
  };
}
