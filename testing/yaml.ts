import { type Document, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceText, Span } from "../diagnostics/source.ts";
import { closestString } from "@std/text/closest-string";
import { parseYaml, type YamlFault } from "../compiler/front_matter/yaml.ts";

/** After so many faults no more hints are looked for, and never for a name that is longer than any. */
const MAX_HINTS = 100;
const MAX_NAME = 64;

/** Reads a YAML document and gathers its faults at their places, so that one look at a file finds them all. */
export class YamlReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: Document | null;

  constructor(readonly source: SourceText) {
    const { document, faults } = parseYaml(source.text);
    this.#document = document;
    const report = ({ span, message, hint }: YamlFault) => {
      const place = span ?? { start: 0, end: 0 };
      this.diagnostics.push(diagnostic("fixture-syntax", source, place, message, hint));
    };
    // After the first error the parser only guesses.
    if (document && document.errors.length > 0) report(faults[0]!);
    else faults.forEach(report);
  }

  /** The outermost node; null in an empty document. */
  get root(): Node | null {
    return this.#document?.contents ?? null;
  }

  /** Notes a fault at a node. */
  fault(node: unknown, message: string, hint?: string): void {
    this.diagnostics.push(diagnostic("fixture-value", this.source, span(node), message, hint));
  }

  /** The name that was meant, as a hint; nobody reads hundreds of them. */
  nearest(name: string, known: readonly string[]): string | undefined {
    if (this.diagnostics.length >= MAX_HINTS || name.length > MAX_NAME) return undefined;
    return `did you mean ${closestString(name, known)}?`;
  }

  /** The entries of a mapping whose keys are among those known; a fault for each other one. */
  entries(node: unknown, known: readonly string[], what: string): ReadonlyMap<string, Node | null> {
    const found = new Map<string, Node | null>();
    for (const [key, value, keyNode] of this.pairs(node, what)) {
      if (known.includes(key)) found.set(key, value);
      else {
        this.fault(keyNode, `${what} has no ${JSON.stringify(key)}`, this.nearest(key, known));
      }
    }
    return found;
  }

  /** The pairs of a mapping: key, value, and the key's own node for messages. */
  pairs(node: unknown, what: string): readonly (readonly [string, Node | null, Node])[] {
    if (!isMap(node)) {
      this.fault(node, `${what} must be a mapping`);
      return [];
    }
    return (node as YAMLMap<Scalar, Node | null>).items.map(({ key, value }) =>
      [String(key.value ?? key), value, key] as const
    );
  }

  /** The items of a list. */
  items(node: unknown, what: string): readonly Node[] {
    if (isSeq(node)) return node.items as Node[];
    this.fault(node, `${what} must be a list`);
    return [];
  }

  /** A plain text value. */
  text(node: unknown, what: string): string | undefined {
    if (isScalar(node) && node.value !== null) return scalarText(node);
    this.fault(node, `${what} must be text`);
    return undefined;
  }
}

/** The text of a scalar as its author wrote it, without quotes: `007` stays `007`. */
export function scalarText(node: Scalar): string {
  return node.type === "PLAIN" && node.source !== undefined ? node.source : String(node.value);
}

/** Where a node stands; the beginning of the file where it has no place. */
export function span(node: unknown): Span {
  const range = (node as Node | null)?.range;
  return range ? { start: range[0], end: Math.max(range[1], range[0] + 1) } : { start: 0, end: 0 };
}

export { isMap, isScalar };
