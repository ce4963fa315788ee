/**
 * What the steps of the GitHub action leave behind for each other: the JSON of the commands, in a folder.
 *
 * @module
 */
import { join } from "@std/path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** The JSON of `lint`. */
export interface LintResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
}

/** The JSON of `test`, as far as it is shown. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly {
    readonly detection: string;
    readonly case: string;
    readonly file: string;
    readonly passed: boolean;
    readonly diff: readonly string[];
  }[];
  readonly coverage?: {
    readonly percent: number;
    readonly detections: readonly {
      readonly detection: string;
      readonly file: string;
      readonly percent: number;
    }[];
  };
  readonly mutation?: {
    readonly score: number;
    readonly detections: readonly {
      readonly detection: string;
      readonly file: string;
      readonly score: number;
      readonly survived: number;
      readonly problem?: string;
    }[];
  };
}

/** The JSON of `explain --permissions`. */
export interface PermissionsResult {
  readonly permissions: readonly {
    readonly collector: string;
    readonly permissions: readonly string[];
    readonly tables: readonly string[];
    readonly privileged_columns: readonly string[];
    readonly triggers: readonly string[];
    readonly detections: readonly string[];
  }[];
}

/** What the steps have found; absent where a step did not come to a result. */
export interface Results {
  readonly lint?: LintResult;
  readonly test?: TestResult;
  readonly permissions?: PermissionsResult;
}

/** Reads the results in a folder. */
export async function readResults(folder: string): Promise<Results> {
  const names = ["lint", "test", "permissions"] as const;
  const entries = await Promise.all(names.map(async (name) => {
    try {
      return [[name, JSON.parse(await Deno.readTextFile(join(folder, `${name}.json`)))]];
    } catch {
      // A command that was used wrongly has said so, and printed nothing.
      return [];
    }
  }));
  return Object.fromEntries(entries.flat());
}
