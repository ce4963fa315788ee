import { runBase } from "../../../collectors/basemond/collect.ts";
import { CALLS } from "../../../collectors/basemond/library.ts";

/** The base source on a host with so many processes that the library never tells of them. */
await runBase(
  { platform: "linux", identify: () => Promise.resolve(() => undefined), counts: false },
  { ...CALLS, processes: () => new Promise(() => {}) },
);
