// @ts-types="./csv_parse.d.ts"
export * from "deno-std/csv/parse.js";
