import type { Field, Fields, Shape } from "./fields.ts";
import { FIELDS } from "./fields.ts";

/** The JSON Schema (draft 2020-12) of a detection's front-matter, for editors. */
export function frontMatterJsonSchema(): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Front-matter of a DaemonEye detection",
    ...objectSchema(FIELDS),
    patternProperties: { "^x-": true },
  };
}

function objectSchema(fields: Fields): Record<string, unknown> {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, field]) => [name, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function fieldSchema({ shape, description }: Field): Record<string, unknown> {
  return { description, ...shapeSchema(shape) };
}

function shapeSchema(shape: Shape): Record<string, unknown> {
  if ("scalar" in shape) return { ...shape.scalar.schema };
  if ("fields" in shape) return objectSchema(shape.fields);
  return {
    type: "array",
    items: shapeSchema(shape.list),
    ...(shape.least !== undefined && { minItems: shape.least }),
    ...(shape.unique && { uniqueItems: true }),
  };
}
