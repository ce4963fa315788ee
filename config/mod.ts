/**
 * What an operator configures: `daemoneye.yaml` and environment variables.
 *
 * @module
 */
export { ALL_SETTINGS, type Setting } from "./environment.ts";
export { type ReadSettings, readSettings } from "./read.ts";
export { SETTINGS, type Settings, settingsJsonSchema } from "./settings.ts";
export { defaultOf, shapeOf } from "./shape.ts";
