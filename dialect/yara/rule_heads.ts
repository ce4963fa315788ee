/** What stands at the head of a rule. */
export interface RuleHead {
  /** Its name. */
  readonly name: string;
  /** Its tags, in their order. */
  readonly tags: readonly string[];
  /** Its metadata; of an identifier that stands there twice the first value. */
  readonly meta: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The parts of a text of rules: comments, texts, regular expressions, words and numbers, and every other character by
 * itself. A `/` that begins no comment begins an expression: YARA divides by `\`.
 */
const PARTS =
  /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[^])*"?|\/(?:[^/\\\n]|\\[^\n])+\/?|[A-Za-z0-9_]+|[^\s]/g;

/** What the parser of YARA takes for a rule's name, tag or the like. */
const WORD = /^[A-Za-z_]\w*$/;

/**
 * Reads the names, tags and metadata of rules that compile
 * (https://yara.readthedocs.io/en/v4.2.3/writingrules.html). Of those that do not it reads something.
 */
export function readRuleHeads(text: string): readonly RuleHead[] {
  const parts = (text.match(PARTS) ?? []).filter((part) => !/^\/[/*]/.test(part));
  const heads: RuleHead[] = [];
  let at = 0;
  while (at < parts.length) {
    if (parts[at++] !== "rule" || !WORD.test(parts[at] ?? "")) continue;
    const name = parts[at++]!;
    const tags: string[] = [];
    if (parts[at] === ":") {
      while (WORD.test(parts[++at] ?? "")) tags.push(parts[at]!);
    }
    if (parts[at++] !== "{") continue;
    const meta: Record<string, string | number | boolean> = Object.create(null);
    if (parts[at] === "meta" && parts[at + 1] === ":") {
      at += 2;
      while (WORD.test(parts[at] ?? "") && parts[at + 1] === "=") {
        const key = parts[at]!;
        at += 2;
        const negative = parts[at] === "-";
        const value = valueOf(parts[negative ? ++at : at] ?? "");
        at++;
        meta[key] ??= negative && typeof value === "number" ? -value : value;
      }
    }
    for (let depth = 1; depth > 0 && at < parts.length; at++) {
      if (parts[at] === "{") depth++;
      else if (parts[at] === "}") depth--;
    }
    heads.push({ name, tags, meta: { ...meta } });
  }
  return heads;
}

/** Numbers are decimal, hexadecimal, octal (`0o17`), or have a unit. */
function valueOf(part: string): string | number | boolean {
  if (part === "true" || part === "false") return part === "true";
  const number = /^(0x[0-9a-f]+|0o[0-7]+|\d+)(KB|MB)?$/i.exec(part);
  if (number) return Number(number[1]) * (number[2] ? number[2] === "KB" ? 1024 : 1024 ** 2 : 1);
  return part.replace(/^"|"$/g, "").replace(
    /\\(?:x([0-9A-Fa-f]{2})|([^]))/g,
    (_, hex?: string, letter?: string) =>
      hex
        ? String.fromCharCode(parseInt(hex, 16))
        : letter === "n"
        ? "\n"
        : letter === "t"
        ? "\t"
        : letter!,
  );
}
