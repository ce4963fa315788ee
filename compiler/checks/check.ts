import type { Code } from "../../diagnostics/codes.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Detection } from "../../model/detection.ts";
import type { Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";

/** What a check looks at. */
export interface CheckContext {
  readonly query: Query;
  readonly binding: Binding;
  /** The text that spans point into. */
  readonly text: string;
  /** The detection that the query belongs to, if it belongs to one whose front-matter is in order. */
  readonly detection?: Detection | undefined;
}

/** Something that a check found. */
export interface Finding {
  readonly span: Span;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What a check is for, as the documentation shows it. */
export interface CheckDocs {
  /** What it finds. */
  readonly what: string;
  /** Why that matters. */
  readonly why: string;
  /** What it finds fault with: SQL, or lines of the front-matter above `---` and SQL. */
  readonly bad: string;
  /** The same without the fault. */
  readonly good: string;
}

/** A rule about queries. Its severity is that of its code. */
export interface Check {
  readonly code: Code;
  readonly docs: CheckDocs;
  readonly check: (context: CheckContext) => Iterable<Finding>;
}
