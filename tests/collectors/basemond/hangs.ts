import { runBase } from "../../../collectors/basemond/collect.ts";

/** The base source on a host whose shell never answers. */
await runBase({ platform: "linux", identify: () => new Promise(() => {}), counts: false });
