import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = "a duration such as 500ms, 10s or 7d";

/** A duration such as `500ms`, `10s` or `7d`; in ms once it is read. */
export const duration: z.ZodType<number, string> = z.string(DURATION)
  .regex(/^[1-9]\d{0,8}(ms|s|m|h|d)$/, DURATION)
  .transform((text) => parseInt(text) * UNITS[text.replace(/\d+/, "")]!);

const SIZES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

const SIZE = "a size such as 512KB or 10MB";

/** A size such as `512KB` or `10MB`; in bytes once it is read. */
export const size: z.ZodType<number, string> = z.string(SIZE)
  .regex(/^[1-9]\d{0,8}(B|KB|MB|GB)$/, SIZE)
  .transform((text) => parseInt(text) * SIZES[text.replace(/\d+/, "")]!);

/** An absolute path. Deno's permission flags part paths by commas, so it has none. */
export const path: z.ZodString = z.string().max(1_000)
  .regex(/^(\/|[A-Za-z]:[\\/])[^,\0]*$/, "an absolute path without commas")
  .refine(
    (text) => !/(^|[\\/])\.\.?([\\/]|$)/.test(text),
    "a path without . and .. in it",
  );

/** Where a secret is: an environment variable, a file, or, with a warning, the text itself. */
export const secret: z.ZodType<Secret> = z.union([
  z.strictObject({
    env: z.string().regex(/^[A-Za-z_]\w{0,127}$/, "the name of an environment variable"),
  }),
  z.strictObject({ file: path }),
  z.string().min(1).max(10_000),
], "{ env: NAME } or { file: PATH }");

/** See {@linkcode secret}. */
export type Secret = { readonly env: string } | { readonly file: string } | string;
