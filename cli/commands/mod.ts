import type { Command } from "../command.ts";
import { agent } from "./agent.ts";
import { alerts } from "./alerts.ts";
import { audit } from "./audit.ts";
import { backtest } from "./backtest.ts";
import { collectors } from "./collectors.ts";
import { explain } from "./explain.ts";
import { init } from "./init.ts";
import { installService } from "./install-service.ts";
import { lint } from "./lint.ts";
import { query } from "./query.ts";
import { record } from "./record.ts";
import { rules } from "./rules.ts";
import { scan } from "./scan.ts";
import { schema } from "./schema.ts";
import { test } from "./test.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  scan,
  agent,
  query,
  lint,
  test,
  explain,
  record,
  backtest,
  schema,
  init,
  collectors,
  rules,
  alerts,
  audit,
  installService,
];
