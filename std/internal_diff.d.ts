// Thin types for the part of deno-std's internal that is used here; JSR's @std/internal brings its own.
export interface DiffResult<T> {
  readonly type: "removed" | "common" | "added";
  readonly value: T;
}
export function diff<T>(left: T[], right: T[]): DiffResult<T>[];
