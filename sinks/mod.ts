/**
 * Where alerts can be delivered.
 *
 * @module
 */
export { SinkError, type SinkFault } from "./error.ts";
export type { Secret } from "./fields.ts";
export {
  type FileSinkOptions,
  secretsOf,
  secretWarnings,
  type SinkInput,
  sinkList,
  type SinkOptions,
  sinkOptions,
  type SyslogSinkOptions,
  wants,
  type WebhookSinkOptions,
} from "./options.ts";
export { sinkName } from "./name.ts";
export { needsFolder, ownSocket, type SinkNeeds, sinkNeeds } from "./needs.ts";
export type { RemoteSinkOptions } from "./open.ts";
export {
  createStdoutSink,
  renderAlert,
  STDOUT_FORMATS,
  type StdoutFormat,
  type StdoutSinkOptions,
} from "./stdout.ts";
