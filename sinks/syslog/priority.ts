import type { Severity } from "../../model/detection.ts";

/** Facilities by name (RFC 5424, table 1), as far as they are meant for programs such as this. */
const NUMBERS = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** The name of a facility. */
export type Facility = keyof typeof NUMBERS;

/** The names of all facilities that can be chosen. */
export const FACILITIES = Object.keys(NUMBERS) as [Facility, ...Facility[]];

/** Severities of syslog (RFC 5424, table 2): critical, error, warning, notice, informational. */
const SEVERITY: Readonly<Record<Severity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  informational: 6,
};

/** PRIVAL of RFC 5424, section 6.2.1. */
export function priority(facility: Facility, severity: Severity): number {
  return NUMBERS[facility] * 8 + SEVERITY[severity];
}
