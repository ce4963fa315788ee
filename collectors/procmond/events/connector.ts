import type { ProcFiles } from "../../proc/files.ts";
import { hasEnded } from "../program.ts";
import { createSourceClock } from "./clock.ts";
import { type ConnectorEvent, parseConnectorMessages } from "./connector_message.ts";
import { openConnectorSocket } from "./connector_socket.ts";
import type { EventSource, Happening, SourceContext, Told } from "./happening.ts";

/**
 * Opens the process connector of the kernel as a source.
 *
 * @throws {Error} in words, where it cannot be had
 */
export function openConnector(
  library: string,
  files: ProcFiles,
  { dropped }: SourceContext,
): EventSource {
  const socket = openConnectorSocket(library);
  const clock = createSourceClock(Date.now() - socket.now());
  const read = createReader(files);
  const last = new Map<number, number>();

  return {
    async next() {
      const happenings: Happening[] = [];
      await socket.receive((datagram) => {
        for (const event of parseConnectorMessages(datagram)) {
          const { cpu, seq, at } = event;
          const missed = seq - (last.get(cpu) ?? seq - 1) - 1 >>> 0;
          last.set(cpu, seq);
          if (missed > 0) dropped(missed, "the kernel's buffer of events was full");
          const told = read(event);
          if (told) happenings.push({ ...told, time: clock.wall(at), mark: at });
        }
      });
      return happenings;
    },
    close: () => socket.close(),
  };
}

/** Makes out of what tasks do what happens to processes. */
export function createReader(files: ProcFiles): (event: ConnectorEvent) => Told | undefined {
  /** Processes whose first thread has ended while others run. */
  const headless = new Map<number, number>();
  /** The process connector tells of each thread's end, and not whether it was the last one. */
  const isLast = (tid: number, pid: number) =>
    (tid === pid || headless.has(pid)) && hasEnded(files, pid);
  return (event) => {
    switch (event.event) {
      case "fork":
        if (event.tid !== event.pid) return undefined;
        headless.delete(event.pid);
        return { type: "fork", pid: event.pid, ppid: event.parent };
      case "exec":
        // Whichever thread does it becomes the first one.
        headless.delete(event.pid);
        return { type: "exec", pid: event.pid };
      case "exit": {
        const { tid, pid, status } = event;
        const code = headless.get(pid) ?? exitCode(status);
        if (!isLast(tid, pid)) {
          if (tid === pid) headless.set(pid, code);
          return undefined;
        }
        headless.delete(pid);
        return { type: "exit", pid, code };
      }
      case "other":
        return undefined;
    }
  };
}

/** Status, or 128 plus the signal, of what wait(2) is told. */
function exitCode(status: number): number {
  const signal = status & 0x7f;
  return signal > 0 ? 128 + signal : status >> 8 & 0xff;
}
