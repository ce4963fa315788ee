/** Keeps what was replaced in a text from being looked at again: it stands there as a mark until all rules are through. */
export interface Marks {
  /** The text without characters that could be taken for a mark. */
  clean(text: string): string;
  /** A mark that stands for a replacement. */
  mark(original: string, replacement: string): string;
  /** The text as it was before anything in it was marked. */
  original(text: string): string;
  /** The text with the replacements. */
  expand(text: string): string;
}

/** Unicode's noncharacters U+FDD0 to U+FDEF: no text that is meant for exchange holds them, no rule matches them. */
const MARK = /[\ufdd0-\ufddf]+\ufde0/g;
const NONCHARACTERS = /[\ufdd0-\ufdef]/g;
const FIRST = 0xfdd0;

/** Marks for one text. */
export function createMarks(): Marks {
  const marks: { readonly original: string; readonly replacement: string }[] = [];
  const read = (mark: string) =>
    marks[
      [...mark.slice(0, -1)].reduce((sum, digit) => sum * 16 + digit.charCodeAt(0) - FIRST, 0)
    ]!;
  return {
    clean: (text) => text.replace(NONCHARACTERS, "\ufffd"),
    mark(original, replacement) {
      const digits = marks.length.toString(16);
      marks.push({ original, replacement });
      return [...digits].map((digit) => String.fromCharCode(FIRST + parseInt(digit, 16))).join("") +
        "\ufde0";
    },
    original: (text) => text.replace(MARK, (mark) => read(mark).original),
    expand: (text) => text.replace(MARK, (mark) => read(mark).replacement),
  };
}
