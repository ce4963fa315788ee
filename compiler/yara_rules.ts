import { dirname, join } from "@std/path";
import type { YaraEngine } from "../dialect/yara/types.ts";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { Resource } from "../model/collection.ts";

/**
 * Says what is wrong with the YARA rules that a detection brings along, each fault at its line of the rule file.
 *
 * @param file the detection's file
 */
export type YaraCheck = (
  file: string,
  rules: readonly Resource[],
) => Promise<readonly Diagnostic[]>;

/** Makes a {@linkcode YaraCheck}. The engine is large: it is loaded for the first rules, and goes with the check. */
export function createYaraCheck(): YaraCheck {
  let engine: Promise<YaraEngine> | undefined;
  const load = async () => (await import("../dialect/yara/engine.ts")).loadYara();
  return async (file, rules) => {
    if (rules.length === 0) return [];
    const { check } = await (engine ??= load());
    return rules.flatMap(({ name, text }) => {
      const source = new SourceText(join(dirname(file), name), text);
      return check(text).map(({ message, line, warning }) => {
        const code = warning ? "yara-warning" : "invalid-yara";
        return diagnostic(code, source, lineSpan(text, line), message);
      });
    });
  };
}

/** A line without the blanks around it; the last one for a line behind the end. */
function lineSpan(text: string, line: number): { readonly start: number; readonly end: number } {
  const lines = text.split("\n");
  const index = Math.min(line, lines.length) - 1;
  const before = lines.slice(0, index).reduce((sum, { length }) => sum + length + 1, 0);
  const here = lines[index]!;
  const start = before + here.length - here.trimStart().length;
  return { start, end: Math.max(start, before + here.trimEnd().length) };
}
