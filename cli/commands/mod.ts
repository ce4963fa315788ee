import type { Command } from "../command.ts";

/** Every command by its name, in the order of the help. A process loads the one that it runs: an agent needs no compiler in its memory. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map(Object.entries({
  scan: async () => (await import("./scan.ts")).scan,
  agent: async () => (await import("./agent.ts")).agent,
  query: async () => (await import("./query.ts")).query,
  lint: async () => (await import("./lint.ts")).lint,
  test: async () => (await import("./test.ts")).test,
  explain: async () => (await import("./explain.ts")).explain,
  record: async () => (await import("./record.ts")).record,
  backtest: async () => (await import("./backtest.ts")).backtest,
  schema: async () => (await import("./schema.ts")).schema,
  init: async () => (await import("./init.ts")).init,
  collectors: async () => (await import("./collectors.ts")).collectors,
  rules: async () => (await import("./rules.ts")).rules,
  alerts: async () => (await import("./alerts.ts")).alerts,
  audit: async () => (await import("./audit.ts")).audit,
  "install-service": async () => (await import("./install-service.ts")).installService,
}));
