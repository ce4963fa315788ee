import { type Document, isAlias, isCollection, isMap, isNode, isScalar, type Node } from "yaml";
import { parseDocument, visit } from "yaml";
import type { Span } from "../../diagnostics/source.ts";

/** What is wrong with YAML, and where; without a span it is wrong as a whole. */
export interface YamlFault {
  readonly span?: Span;
  readonly message: string;
  readonly hint?: string;
}

/** YAML after reading; `document` is null where nothing can be done with it. */
export interface ParsedYaml {
  readonly document: Document | null;
  readonly faults: readonly YamlFault[];
}

/**
 * Reads YAML as detections and fixtures are written: version 1.2 with the core types, without anchors and aliases, with
 * plain values as keys, each of which stands once. Never throws.
 */
export function parseYaml(text: string): ParsedYaml {
  const faults: YamlFault[] = [];
  try {
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      // The parser would compare each key with each other.
      uniqueKeys: false,
      prettyErrors: false,
    });
    for (const { message, pos: [start, end] } of [...document.errors, ...document.warnings]) {
      if (/call stack/.test(message)) throw new RangeError(message);
      faults.push({ span: { start, end }, message: message.replace(/\.$/, "") });
    }
    return { document: checkNodes(document, faults) ? document : null, faults };
  } catch (error) {
    // Thousands of brackets exhaust the stack of the parser.
    if (!(error instanceof RangeError)) throw error;
    return { document: null, faults: [{ message: "it is nested too deeply" }] };
  }
}

/**
 * Finds what YAML has and we have not. Gives whether values may be read: lists as keys within lists as keys would become
 * text that doubles at every level.
 */
function checkNodes(document: Document, faults: YamlFault[]): boolean {
  let readable = true;
  const fault = ({ range }: Node, message: string, hint?: string) => {
    const [start, end] = range ?? [0, 0];
    faults.push({ span: { start, end }, message, ...(hint !== undefined && { hint }) });
  };
  visit(document, (_key, node) => {
    if (isNode(node) && (isAlias(node) || ("anchor" in node && node.anchor))) {
      fault(node, "anchors and aliases are not allowed here", "write it out");
    }
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key } of node.items) {
      if (isCollection(key)) {
        readable = false;
        fault(key, "a key is one value");
      }
      if (!isScalar(key)) continue;
      const text = String(key.value);
      if (seen.has(text)) fault(key, "this key stands twice");
      seen.add(text);
    }
  });
  return readable;
}
