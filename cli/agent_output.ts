import { createWriter, ifPossible } from "./io.ts";

/** Where an agent writes to. Whether it can be written, or anybody reads it, never decides about the agent's work. */
export interface AgentOutput {
  /**
   * Writes an alert to standard output.
   *
   * @throws {Error} where that cannot be done: the alert is not delivered
   */
  alert(text: string): void;
  /** Writes to standard output, if it can be written. */
  out(text: string): void;
  /** Writes a line to standard error, if it can be written. */
  err(line: string): void;
  /** Writes a message to standard error, if it can be written, and to OpenTelemetry where Deno is asked to. */
  log(line: string): void;
}

/** How long a full pipe is waited for, ms: no event is judged meanwhile. */
const PATIENCE = 100;

/** The standard streams of the process, for an agent. */
export function openAgentOutput(): AgentOutput {
  const [out, err] = [createWriter(Deno.stdout, PATIENCE), createWriter(Deno.stderr, PATIENCE)];
  return {
    alert: out,
    out: (text) => ifPossible(() => out(text)),
    err: (line) => ifPossible(() => err(line + "\n")),
    // What goes to the console Deno hands on to OpenTelemetry.
    log: (line) => ifPossible(() => console.error(line)),
  };
}

/** The same, but that somebody is told when alerts begin to be lost for whoever reads standard output. */
export function tellingFailures(
  write: (text: string) => void,
  tell: (message: string) => void,
): (text: string) => void {
  let failing = false;
  return (text) => {
    try {
      write(text);
      failing = false;
    } catch (error) {
      if (!failing) tell(`alerts are not written to standard output: ${(error as Error).message}`);
      failing = true;
      throw error;
    }
  };
}
