// @ts-types="./internal_diff.d.ts"
export * from "deno-std/internal/diff.js";
