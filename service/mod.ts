/**
 * Files that make the system run the toolkit.
 *
 * @module
 */
export { isCalendarEvent } from "./calendar.ts";
export { firstConfig } from "./config.ts";
export type { ServiceFile, ServiceOptions } from "./options.ts";
export { agentUnit, CAPABILITIES, timerUnits } from "./systemd.ts";
