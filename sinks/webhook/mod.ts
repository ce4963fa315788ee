import { escapeTerminal } from "../../diagnostics/escape.ts";
import type { Alert, JsonValue } from "../../model/alert.ts";
import type { Sink } from "../../model/sink.ts";
import { SinkError } from "../error.ts";
import { sinkName } from "../name.ts";
import type { WebhookSinkOptions } from "../options.ts";
import { openSecrets, type Secrets } from "../secrets.ts";
import { answerFault } from "./answer.ts";
import { signatureHeaders } from "./signature.ts";
import { slackMessage } from "./slack.ts";
import { fillTemplate } from "./template.ts";

/** Redirects within the same server that are followed. */
const MAX_REDIRECTS = 3;

/** Sends alerts to a server over HTTP, a POST request each. An answer of 200 to 299 says that an alert has arrived. */
export function createWebhookSink(options: WebhookSinkOptions): Sink & Disposable {
  const { timeout, url } = options;
  const secrets = openSecrets();
  let client: Promise<Deno.HttpClient> | undefined;

  function close(): void {
    client?.then((open) => open.close(), () => {});
    client = undefined;
  }

  async function send(alert: Alert, signal: AbortSignal): Promise<void> {
    const body = requestBody(options, alert);
    const token = options.token === undefined ? "" : await secrets.read(options.token);
    let target = new URL(url.replaceAll("{token}", encodeURIComponent(token)));
    const headers = await requestHeaders(options, secrets, alert, body);
    const opened = await (client ??= openClient(options, secrets));
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await fetch(target, {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        signal,
        client: opened,
      });
      if (response.ok) return await response.body?.cancel();
      const next = redirection(response, target);
      if (!next) throw await answerFault(response, tell, Date.now());
      await response.body?.cancel();
      if (next.origin !== target.origin) {
        throw new SinkError(
          "unavailable",
          "the server redirects to another, which is not followed",
        );
      }
      target = next;
    }
    throw new SinkError("unavailable", "the server redirects in circles");
  }

  function tell(text: string, cut: boolean): string {
    const safe = secrets.redact(text);
    // What was cut may end with the beginning of a secret.
    return escapeTerminal(cut ? safe.slice(0, -secrets.longest() || undefined) : safe);
  }

  function fault(error: unknown): SinkError {
    const { fault, retryAfter } = error instanceof SinkError
      ? error
      : { fault: "unavailable" as const, retryAfter: undefined };
    const reason = isTimeout(error) ? `there was no answer within ${timeout} ms` : reasonOf(error);
    return new SinkError(fault, `${new URL(url).origin}: ${tell(reason, false)}`, retryAfter);
  }

  return {
    name: sinkName(options),
    async send(alert) {
      try {
        await send(alert, AbortSignal.timeout(timeout));
      } catch (error) {
        // A client whose files or proxy were wrong is made anew.
        if (!(error instanceof SinkError)) close();
        throw fault(error);
      }
    },
    async healthCheck() {
      try {
        await requestHeaders(options, secrets, undefined, "");
        if (options.token !== undefined) await secrets.read(options.token);
        const response = await fetch(new URL("/", url), {
          method: "HEAD",
          redirect: "manual",
          signal: AbortSignal.timeout(timeout),
          client: await (client ??= openClient(options, secrets)),
        });
        await response.body?.cancel();
        // Any answer tells that the server is there; what it thinks of alerts only an alert would tell.
        return { healthy: true };
      } catch (error) {
        close();
        return { healthy: false, reason: fault(error).message };
      }
    },
    [Symbol.dispose]: close,
  };
}

function requestBody({ template, preset }: WebhookSinkOptions, alert: Alert): string {
  if (template !== undefined) return JSON.stringify(fillTemplate(template as JsonValue, alert));
  return JSON.stringify(preset === "slack" ? slackMessage(alert) : alert);
}

async function requestHeaders(
  options: WebhookSinkOptions,
  secrets: Secrets,
  alert: Alert | undefined,
  body: string,
): Promise<Headers> {
  const headers = new Headers({
    "content-type": "application/json",
    "user-agent": "DaemonEye",
    ...(alert && { "idempotency-key": alert.id }),
  });
  for (const [name, value] of Object.entries(options.headers)) {
    const given = typeof value === "string"
      ? value
      : (value.prefix ?? "") + await secrets.read(value as Parameters<Secrets["read"]>[0]);
    if (/auth|token|key|secret|cookie/i.test(name)) secrets.hide(given);
    headers.set(name, given);
  }
  if (options.secret !== undefined) {
    const signed = signatureHeaders(await secrets.read(options.secret), body, Date.now());
    for (const [name, value] of Object.entries(signed)) headers.set(name, value);
  }
  return headers;
}

async function openClient(
  { ca, proxy }: WebhookSinkOptions,
  secrets: Secrets,
): Promise<Deno.HttpClient> {
  const password = proxy?.password === undefined ? "" : await secrets.read(proxy.password);
  const username = proxy?.username ?? "";
  if (password) secrets.hide(`${username}:${password}`);
  return Deno.createHttpClient({
    ...(ca !== undefined && { caCerts: [await Deno.readTextFile(ca)] }),
    ...(proxy && {
      proxy: {
        url: proxy.url,
        ...((username || password) && { basicAuth: { username, password } }),
      },
    }),
  });
}

/** Where a server sends us instead, if it does. */
function redirection({ status, headers }: Response, from: URL): URL | null {
  const location = headers.get("location");
  return [301, 302, 307, 308].includes(status) && location ? URL.parse(location, from.href) : null;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

/** What went wrong, with its causes. A URL may hold a token, so none is told. */
function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let cause = error; cause instanceof Error && reasons.length < 5; cause = cause.cause) {
    if (!reasons.some((reason) => reason.includes((cause as Error).message))) {
      reasons.push(cause.message);
    }
  }
  return reasons.join(": ").replace(/ for url \([^)]*\)|https?:\/\/[^\s)]*/g, "");
}
