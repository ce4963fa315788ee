// @ts-types="./csv_stringify.d.ts"
export * from "deno-std/csv/stringify.js";
