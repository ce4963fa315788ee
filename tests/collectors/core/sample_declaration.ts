import type { CollectorDeclaration } from "../../../collectors/core/collector.ts";
import type { TableSpec } from "../../../schema/types.ts";

const columns = {
  name: ["string", "Name"],
  size: ["integer", "Size", { optional: true }],
} as const;
const shared = { collector: "sample", kind: "monitor", columns, examples: [] } as const;

/** The tables of the sample collector. */
export const SAMPLE_TABLES: readonly TableSpec[] = [
  { ...shared, name: "samples", description: "Samples." },
  { ...shared, name: "state", description: "What the collector remembers." },
  { ...shared, name: "happenings", description: "What happens.", events: true },
];

/** The sample collector; its module takes a way to behave. */
export const sample: CollectorDeclaration = {
  name: "sample",
  kind: "monitor",
  tables: SAMPLE_TABLES.map(({ name }) => name),
  permissions: {},
  modules: { linux: new URL("./sample.ts", import.meta.url) },
};

/** The sample collector that behaves in a way. */
export function setTo(declaration: CollectorDeclaration, way: string | null): CollectorDeclaration {
  const module = new URL(declaration.modules.linux!);
  if (way !== null) module.searchParams.set("way", way);
  return { ...declaration, modules: { linux: module } };
}
