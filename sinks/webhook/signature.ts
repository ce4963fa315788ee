import { createHmac } from "node:crypto";

/**
 * The headers that sign a request. A receiver computes HMAC-SHA256 of `v1:<timestamp>:<body>` with the shared secret and
 * compares; it refuses timestamps that are too old, so that nobody can send a request again.
 *
 * @param now ms since the epoch
 */
export function signatureHeaders(
  secret: string,
  body: string,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", secret).update(`v1:${timestamp}:${body}`).digest("hex");
  return {
    "x-daemoneye-timestamp": timestamp,
    "x-daemoneye-signature": `v1=${signature}`,
  };
}
