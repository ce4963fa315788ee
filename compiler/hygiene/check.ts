import type { Code } from "../../diagnostics/codes.ts";
import type { DiagnosticSeverity } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Detection } from "../../model/detection.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { CheckDocs, Finding } from "../checks/check.ts";
import type { Tree } from "./tree.ts";

/** A fixture case by its two names. */
export interface FixtureName {
  /** File name without its ending. */
  readonly file: string;
  /** What the file calls the case, where it was read. */
  readonly name?: string;
}

/** The detections that are checked together. One object for all of them, so that checks can remember what they found. */
export interface Corpus {
  /** In the order in which they are reported. */
  readonly detections: readonly Detection[];
}

/** What a hygiene check looks at. */
export interface HygieneContext {
  /** The detection that is looked at. */
  readonly detection: Detection;
  /** The tables that its SQL was compiled against. */
  readonly catalogue: Catalogue;
  /** It, and those that it is checked together with. */
  readonly corpus: Corpus;
  /** Today as an ISO date. */
  readonly today: string;
  /** The fixture cases of the detection; absent where nobody looked for them. */
  readonly fixtures?: readonly FixtureName[];
}

/** What a hygiene check of the SQL looks at. */
export interface SqlContext extends HygieneContext {
  /** The SQL, parsed and bound. */
  readonly tree: Tree;
}

/** Something that a hygiene check found. */
export interface HygieneFinding extends Finding {
  /** Where it differs from that of the code. */
  readonly severity?: DiagnosticSeverity;
}

/** What every hygiene check says of itself. */
export interface Described {
  /** Under which findings are reported. */
  readonly code: Code;
  /** Examples are SQL, or lines of front-matter. */
  readonly docs: CheckDocs;
}

/**
 * A habit that detections are better off with. A `check` reads the front-matter; an `sql` check runs where the SQL has
 * no fault. Its title and severity are those of its code.
 */
export type HygieneCheck =
  & Described
  & (
    | { readonly check: (context: HygieneContext) => Iterable<HygieneFinding> }
    | { readonly sql: (context: SqlContext) => Iterable<HygieneFinding> }
  );

/** Where a front-matter value stands; its key, and at last the id, where it has no place of its own. */
export function at({ spans }: Detection, path: string): Span {
  return spans.get(path) ?? spans.get(`${path}:key`) ?? spans.get("id") ?? { start: 0, end: 0 };
}

/** Whether a detection is still cared for. */
export function isMaintained({ meta }: Detection): boolean {
  return meta.status !== "deprecated" && meta.status !== "unsupported";
}
