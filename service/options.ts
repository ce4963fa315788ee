/** What service files are written for. */
export interface ServiceOptions {
  /** The Deno binary. */
  readonly deno: string;
  /** The folder of the toolkit. */
  readonly toolkit: string;
  /** Deno's cache, with the packages of the toolkit. */
  readonly denoDir: string;
  /** The configuration. */
  readonly config: string;
  /** Memory of the agent with everything that it starts, as systemd writes sizes. */
  readonly memory: string;
  /** Share of a processor, in percent, as systemd writes it. */
  readonly cpu: string;
  /** When a timer scans (systemd.time(7), "Calendar events"). */
  readonly calendar: string;
}

/** A file of a service. */
export interface ServiceFile {
  /** Where it belongs, an absolute path. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}
