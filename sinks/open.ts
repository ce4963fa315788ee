import type { Sink } from "../model/sink.ts";
import { createFileSink } from "./file.ts";
import type { SinkOptions } from "./options.ts";
import { createSyslogSink } from "./syslog/mod.ts";
import { createWebhookSink } from "./webhook/mod.ts";

/** A sink that is delivered to by a process of its own: every one but standard output. */
export type RemoteSinkOptions = Exclude<SinkOptions, { type: "stdout" }>;

/**
 * Opens a sink. Nothing is connected yet. One that gets no socket fails with each alert.
 *
 * @param ownSocket a free path in a folder of this process alone, for those that need one, or why there is none
 */
export function openSink(options: RemoteSinkOptions, ownSocket: string | Error): Sink {
  switch (options.type) {
    case "file":
      return createFileSink(options);
    case "syslog":
      return createSyslogSink(options, ownSocket);
    case "webhook":
      return createWebhookSink(options);
  }
}
