/**
 * Why a sink did not take an alert:
 *
 * - `unavailable`: it would take none now. It is tried again until the alert is too old.
 * - `refused`: it will not take this alert. After a few attempts the alert becomes a dead letter.
 */
export type SinkFault = "unavailable" | "refused";

/** An alert did not arrive; the message says why in words, without any secret. */
export class SinkError extends Error {
  /** The name that error reports show. */
  override readonly name = "SinkError";
  /** Which kind of failure it is. */
  readonly fault: SinkFault;
  /** How long the sink asks to be left alone, ms. */
  readonly retryAfter: number | undefined;

  /** Makes the error; `retryAfter` in ms. */
  constructor(fault: SinkFault, message: string, retryAfter?: number) {
    super(message);
    this.fault = fault;
    this.retryAfter = retryAfter;
  }
}
