/** Something that happened to a process, as a source of events tells it. */
export type Happening = Moment & Told;

/** When something happened. */
export interface Moment {
  /** ms since the epoch. */
  readonly time: number;
  /** The same as the source counts it, ms with fractions: differs between events of a process of one kind. */
  readonly mark: number;
  /** ms since the start of the host, where the source tells that. */
  readonly at?: number;
}

/** What happened to a process. */
export type Told =
  & {
    /** Process id. */
    readonly pid: number;
    /** Name of the process, where the source tells that. */
    readonly name?: string;
  }
  & (
    | {
      readonly type: "fork";
      /** The process that made it, where the source tells that. */
      readonly ppid?: number;
    }
    | {
      readonly type: "exec";
      /** What the program was called by who ran it: not always a path from the root, and a script's own name. */
      readonly filename?: string;
    }
    | {
      readonly type: "exit";
      /** Status, or 128 plus the signal that ended it, where the source tells that. */
      readonly code?: number;
    }
  );

/** Tells what happens to processes. */
export interface EventSource {
  /** Waits for something to happen; there may be nothing new when it returns. */
  next(): Promise<readonly Happening[]>;
  /** Gives back what it holds. */
  close(): void;
}

/** What a source is made with. */
export interface SourceContext {
  /** Counts events that were lost, and why, in words. */
  dropped(count: number, reason: string): void;
}
