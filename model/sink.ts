import type { Alert } from "./alert.ts";

/** Where alerts are delivered to. */
export interface Sink {
  /** Name for reports. */
  readonly name: string;
  /**
   * Delivers an alert.
   *
   * @throws where the alert did not arrive
   */
  send(alert: Alert): Promise<void>;
  /** Whether alerts would arrive now, and if not, why. */
  healthCheck(): Promise<
    { readonly healthy: true } | { readonly healthy: false; readonly reason: string }
  >;
}
