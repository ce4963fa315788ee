import { type CollectorContext, defineCollector, type Reading } from "../../core/collector.ts";
import type { TaskMessage } from "../../core/messages.ts";
import { runCollector } from "../../core/runtime.ts";
import { tcpReading, unixReadings } from "./details.ts";
import { parseTcpDetails, TCP_REQUESTS } from "./inet_diag.ts";
import { netlinker } from "./mod.ts";
import { type Netlink, openNetlink } from "./netlink.ts";
import { parseUnixDetails, UNIX_REQUEST, type UnixDetails } from "./unix_diag.ts";

/** Asks the kernel for all TCP and unix sockets of the network namespace in which this process lives. */
function* collect(_: TaskMessage, { libc }: CollectorContext): Iterable<Reading> {
  if (libc === undefined) throw new Error("the C library was not found");
  using netlink = openNetlink(libc);
  for (const request of TCP_REQUESTS) {
    const now = Date.now();
    for (const details of ask(netlink, request, parseTcpDetails)) {
      const reading = tcpReading(details, now);
      if (reading) yield reading;
    }
  }
  yield* unixReadings(ask<UnixDetails>(netlink, UNIX_REQUEST, parseUnixDetails));
}

function ask<T>(
  netlink: Netlink,
  request: Uint8Array,
  parse: (body: DataView) => T | undefined,
): T[] {
  const answers: T[] = [];
  netlink.dump(request, (body) => {
    const answer = parse(body);
    if (answer) answers.push(answer);
  });
  return answers;
}

if (import.meta.main) await runCollector(defineCollector({ ...netlinker, collect }));
