import { loadYara } from "../../../dialect/yara/engine.ts";
import type { Resource } from "../../../model/collection.ts";
import { readExactly, readMessage, writeMessage } from "./frames.ts";

const [STDIN, STDOUT] = [0, 1];

/**
 * The life of a process that may do nothing but compute: it tries rules on bytes that it is given, until nobody gives it
 * any. Rules can keep it busy for ever; whoever started it kills it then.
 */
if (import.meta.main) {
  const engine = await loadYara();
  let rules: readonly Resource[] = [];
  for (let question = readMessage(STDIN); question; question = readMessage(STDIN)) {
    const bytes = readExactly(STDIN, question.size);
    if (!bytes) break;
    rules = question.rules ?? rules;
    try {
      writeMessage(STDOUT, { found: rules.map(({ text }) => engine.scan(bytes, text)) });
    } catch (error) {
      writeMessage(STDOUT, { error: error instanceof Error ? error.message : String(error) });
      // What it ran into, such as the end of its memory, may have left it in any state.
      if (!(error instanceof SyntaxError)) break;
    }
  }
}
