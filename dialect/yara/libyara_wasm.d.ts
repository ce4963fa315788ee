/** A vector of C++: handles are freed with `delete()`. */
export interface Vector<T> {
  size(): number;
  get(index: number): T;
  delete(): void;
}

export interface CompileError {
  readonly message: string;
  readonly lineNumber: number;
  readonly warning: boolean;
}

export interface ResolvedMatch {
  readonly location: number;
  readonly matchLength: number;
  readonly stringIdentifier: string;
}

export interface RawMatch {
  readonly ruleName: string;
  readonly resolvedMatches: Vector<ResolvedMatch>;
  readonly metadata: Vector<unknown>;
}

export interface Result {
  readonly compileErrors: Vector<CompileError>;
  readonly matchedRules: Vector<RawMatch>;
  delete(): void;
}

export interface Library {
  run(bytes: Uint8Array | string, rules: string): Result;
  stackSave(): number;
  stackRestore(pointer: number): void;
  /** Another array after memory has grown. */
  readonly HEAP8: Int8Array;
}

export default function create(
  options?: { readonly print?: (text: string) => void; readonly printErr?: (text: string) => void },
): Promise<Library>;
