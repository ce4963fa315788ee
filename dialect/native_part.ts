/** RegExp source that matches within every text that a part of a pattern matches. */
export interface Condition {
  readonly source: string;
  /** The fewest characters that it matches. */
  readonly least: number;
  /** In how many ways V8 may try to match it from one place of the text, its loop aside. */
  readonly ways: number;
}

/** Part of a pattern: a condition that every match of the part begins with. */
export interface Part extends Condition {
  /** Whether the condition is all that the part asks for. */
  readonly exact: boolean;
  /** Whether the part may go on beyond what the source says, so that nothing can be said of where the rest begins. */
  readonly open: boolean;
  /** Conditions that matches meet further on, wherever that is. */
  readonly later: readonly Condition[];
  /** Whether one character may repeat without bound in it. */
  readonly loop: boolean;
  /** Whether it begins at the start of the text, wherever it is tried. */
  readonly anchored: boolean;
}

/** What stands before a part. */
export interface Before {
  /** Whether nothing of the pattern does. */
  readonly nothing: boolean;
  /** Whether one character may repeat without bound here: the text begins with what stands before, and none does in it. */
  readonly mayLoop: boolean;
}

/** The part that is nothing. */
export const EMPTY: Part = {
  source: "",
  least: 0,
  exact: true,
  open: false,
  later: [],
  ways: 1,
  loop: false,
  anchored: false,
};

/** Beyond so many ways to match from one place a repetition or an alternative is left out. */
const MAX_WAYS = 256;

/**
 * Parts one after the other. Where one may go on beyond its source, or they would take too many ways together, the rest
 * can only be looked for further on.
 *
 * @param next reads the next part, given what stands before it; `undefined` at the end
 */
export function sequence(before: Before, next: (before: Before) => Part | undefined): Part {
  const pieces: Part[] = [];
  const later: Condition[] = [];
  let piece = EMPTY;
  for (;;) {
    const first = pieces.length === 0 && !piece.open;
    const item = next({
      nothing: first && before.nothing && piece.source === "",
      mayLoop: first && (before.mayLoop || piece.anchored) && !piece.loop,
    });
    if (!item) break;
    later.push(...item.later);
    if (!piece.open && piece.ways * item.ways <= MAX_WAYS && !(piece.loop && item.loop)) {
      piece = joined(piece, item);
    } else {
      pieces.push(piece);
      piece = standsAlone(item) ? item : { ...EMPTY, open: true };
    }
  }
  const [begin, ...others] = [...pieces, piece];
  if (others.length === 0) return { ...begin!, later };
  return { ...begin!, exact: false, open: true, later: [...others, ...later] };
}

function joined(left: Part, right: Part): Part {
  return {
    source: left.source + right.source,
    least: left.least + right.least,
    ways: left.ways * right.ways,
    exact: left.exact && right.exact,
    open: right.open,
    later: [],
    loop: left.loop || right.loop,
    anchored: left.anchored || right.anchored,
  };
}

/** Whether a part can be looked for anywhere: without an anchor a repetition would be tried from every place. */
function standsAlone({ ways, loop, anchored }: Part): boolean {
  return ways <= MAX_WAYS && (anchored || !loop);
}

/** Parts of which one is met. */
export function alternatives(branches: readonly Part[]): Part {
  if (branches.length === 1) return branches[0]!;
  return {
    ...either(branches),
    exact: branches.every((branch) => branch.exact),
    open: branches.some((branch) => branch.open),
    later: eitherLater(branches),
    loop: branches.some((branch) => branch.loop),
    anchored: branches.every((branch) => branch.anchored),
  };
}

function either(conditions: readonly Condition[]): Condition {
  return {
    source: `(?:${conditions.map(({ source }) => source).join("|")})`,
    least: Math.min(...conditions.map(({ least }) => least)),
    ways: conditions.reduce((sum, { ways }) => sum + ways, 0),
  };
}

/** What tells most of each branch, where that is more than what the branches begin with. */
function eitherLater(branches: readonly Part[]): readonly Condition[] {
  if (branches.every(({ later }) => later.length === 0)) return [];
  const told = branches.map((branch) =>
    best(standsAlone(branch) ? [branch, ...branch.later] : branch.later)
  );
  const conditions = told.flatMap((one) => one ?? []);
  if (conditions.length < branches.length) return [];
  const condition = either(conditions);
  return condition.ways <= MAX_WAYS ? [condition] : [];
}

/** The condition that most characters must meet. */
export function best(conditions: readonly Condition[]): Condition | undefined {
  return conditions.reduce<Condition | undefined>(
    (found, one) => one.least > (found?.least ?? 0) ? one : found,
    undefined,
  );
}
