import { SinkError } from "../error.ts";

/** Bytes of an answer that are read; of them so many characters are told. */
const MAX_ANSWER = 4_096;
const MAX_TOLD = 200;

/** The longest time that a server may ask to be left alone, ms. */
const MAX_RETRY_AFTER = 3_600_000;

/**
 * What a server means that is not content. It refuses an alert where the request itself was wrong; anything else may
 * change, by time or by somebody who mends the configuration.
 *
 * @param redact takes secrets out of what the server says; see {@linkcode readAnswer}
 */
export async function answerFault(
  response: Response,
  redact: (text: string, cut: boolean) => string,
  now: number,
): Promise<SinkError> {
  const { status, headers } = response;
  const said = await readAnswer(response, redact);
  const fault = [400, 413, 414, 415, 422].includes(status) ? "refused" : "unavailable";
  return new SinkError(
    fault,
    `the server answered ${status}${said && `: ${said}`}`,
    retryAfter(headers.get("retry-after"), now),
  );
}

/** The start of what a server says, on one line. */
async function readAnswer(
  response: Response,
  redact: (text: string, cut: boolean) => string,
): Promise<string> {
  let text = "";
  let cut = false;
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk.subarray(0, MAX_ANSWER), { stream: true });
      // Leaving the loop cancels the rest.
      cut = text.length >= MAX_ANSWER;
      if (cut) break;
    }
  } catch {
    // What it said until then will do.
  }
  return redact(text, cut).replace(/\s+/g, " ").trim().slice(0, MAX_TOLD);
}

/** RFC 9110, section 10.2.3: seconds or a date. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER) : undefined;
}
