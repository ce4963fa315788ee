/**
 * Makes the library's question whether a file exists harmless. It asks it of words in the arguments of programs, which are
 * none of this collector's business and which Deno would answer with an error that nobody catches; and, as it is loaded,
 * of the folder of Windows' own programs, in which it then starts them. This module has to be imported before the library.
 *
 * @module
 */
import fs from "node:fs";

fs.existsSync = (path) => /^[a-z]:\\windows\\system32(\\|$)/i.test(String(path));
