// @ts-types="./cli_unicode_width.d.ts"
export * from "deno-std/cli/unicode_width.js";
