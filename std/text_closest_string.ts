// @ts-types="./text_closest_string.d.ts"
export * from "deno-std/text/closest_string.js";
