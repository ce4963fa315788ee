import fc from "fast-check";

/**
 * What chance begins with in tests. It is the same each time, so that a change is refused for what it broke and not for a
 * question that nobody had asked before. `SEED=$RANDOM deno task test` asks others.
 */
export const SEED = Number(Deno.env.get("SEED") ?? 1);

// `deno task test` loads this file before each file of tests.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
