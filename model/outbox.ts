import type { Alert } from "./alert.ts";

/** An alert that a sink is still to be told of. */
export interface OutboxEntry {
  /** Name of the sink. */
  readonly sink: string;
  /** Its place in the order in which the sink is told; never given twice. */
  readonly sequence: number;
  /** Which alert it is. */
  readonly alert_id: string;
  /** When the alert was raised, ms since the epoch. */
  readonly alert_time: number;
  /** How often the sink has refused it. */
  readonly attempts: number;
  /** The alert; `null` where the store cannot give it any more. */
  readonly alert: Alert | null;
}

/** An alert that a sink did not take, and that it is not told of again unless somebody asks for it. */
export interface DeadLetter extends OutboxEntry {
  /** Why it was given up, in words. */
  readonly reason: string;
  /** When it was given up, ms since the epoch. */
  readonly since: number;
}

/** How much a sink is still to be told. */
export interface Backlog {
  /** Name of the sink; it may be configured no more. */
  readonly sink: string;
  /** Alerts that wait. */
  readonly waiting: number;
  /** Alerts that were given up. */
  readonly dead: number;
  /** When the oldest waiting alert was raised, ms since the epoch; `null` where none waits. */
  readonly oldest: number | null;
}
