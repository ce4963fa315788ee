import config from "../deno.json" with { type: "json" };

/** Version of the toolkit. */
export const VERSION: string = config.version;
