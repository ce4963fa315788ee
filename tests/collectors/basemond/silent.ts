import { runBase } from "../../../collectors/basemond/collect.ts";

/** The base source on a host without its programs. */
Deno.env.set("PATH", "/nowhere");
await runBase({
  platform: "linux",
  identify: () => Promise.resolve(() => undefined),
  counts: false,
});
