import type { z } from "zod";

/** A schema as far as settings need to know it. */
export interface Shape {
  /** The keys of a mapping; absent for anything else. */
  readonly keys?: Readonly<Record<string, z.core.$ZodType>>;
  /** What the elements of a list are. */
  readonly element?: z.core.$ZodType;
  /** One of these it is. */
  readonly options?: readonly z.core.$ZodType[];
}

/** What stands behind defaults, refinements and transformations. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ("innerType" in def) return unwrap(def.innerType);
  return def.type === "pipe" ? unwrap(def.in) : schema;
}

/** Looks into a schema. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const { def } = (unwrap(schema) as z.core.$ZodTypes)._zod;
  if (def.type === "object") return { keys: def.shape };
  if (def.type === "array") return { element: def.element };
  return def.type === "union" ? { options: def.options } : {};
}

/** The default of a setting as somebody would write it; `undefined` where it has none. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "default" || def.type === "prefault") return def.defaultValue;
  return "innerType" in def ? defaultOf(def.innerType) : undefined;
}

/** The keys that the mapping at a path may have; of several forms, those of the one that the value's `type` names. */
export function keysAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): readonly string[] {
  const { keys, element, options } = shapeOf(schema);
  if (options) {
    const type = (value as { type?: unknown } | null)?.type;
    const fitting = options.filter((option) => {
      const kind = shapeOf(option).keys?.["type"];
      const { def } = (kind as z.core.$ZodTypes | undefined)?._zod ?? {};
      return def?.type !== "literal" || type === undefined ||
        def.values.includes(type as z.core.util.Literal);
    });
    return [...new Set(fitting.flatMap((option) => keysAt(option, path, value)))];
  }
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(keys ?? {});
  const next = element ?? keys?.[String(first)];
  return next ? keysAt(next, rest, (value as Record<PropertyKey, unknown> | null)?.[first]) : [];
}
