/**
 * The functions of the SQL dialect: which ones queries may call, what the dialect's own ones mean, and their
 * registration with SQLite. The compiler, the query child and the collectors all take them from here.
 *
 * @module
 */
export {
  ALLOWED_FUNCTIONS,
  type FunctionKind,
  type FunctionSpec,
  type ValueClass,
} from "./functions.ts";
export { registerFunctions, type RegisterOptions } from "./register.ts";
export {
  type CompiledPattern,
  compilePattern,
  forgetPatterns,
  MAX_PATTERN_LENGTH,
  type PatternError,
  regexp,
} from "./regexp.ts";
export { compileGlob, compileLike, glob, like, type TextMatcher } from "./wildcard.ts";
export { contains, endsWith, type SqlValue, startsWith, textOf } from "./text.ts";
export { type AddressClass, addressClass, inCidr } from "./address.ts";
export { entropy, fromBase64 } from "./encoding.ts";
export { basename, dirname } from "./path.ts";
