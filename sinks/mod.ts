/**
 * Where alerts can be delivered.
 *
 * @module
 */
export {
  createStdoutSink,
  renderAlert,
  STDOUT_FORMATS,
  type StdoutFormat,
  type StdoutSinkOptions,
} from "./stdout.ts";
