/**
 * From the text of a detection to what can run: front-matter, SQL, checks, plan. Every fault is a diagnostic with its
 * place in the file; nothing here throws because of what a file says.
 *
 * @module
 */
export {
  compileDetection,
  compileQuery,
  type CompileResult,
  compileText,
  parseDetection,
  type QueryOptions,
} from "./compile.ts";
export { explain, type Explanation } from "./explain.ts";
export { predicateSql } from "./plan/mod.ts";
export { frontMatterJsonSchema } from "./front_matter/json_schema.ts";
