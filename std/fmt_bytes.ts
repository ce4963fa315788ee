// @ts-types="./fmt_bytes.d.ts"
export * from "deno-std/fmt/bytes.js";
