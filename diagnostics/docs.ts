import type { Code } from "./codes.ts";

/** Where a code is explained, relative to the root of the repository. */
export function docsOf(code: Code): string {
  return `docs/diagnostics.md#${code}`;
}
