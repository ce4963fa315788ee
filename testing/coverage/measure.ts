import type { Node } from "../../compiler/ast.ts";
import type { TruthCounts } from "../../engine/sandbox/probe.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { withEveryEvent } from "../every_event.ts";
import type { FixtureCase } from "../fixture.ts";
import { runCase } from "../run.ts";
import { type Clause, clausesOfDetection, type ReadDetection, readDetection } from "./clauses.ts";
import { instrument } from "./instrument.ts";

/** A clause with what became of it over all fixtures: on how many rows it was true, false and NULL. */
export interface ClauseCoverage extends Clause {
  /** Rows of which it was true. */
  readonly yes: number;
  /** Rows of which it was false. */
  readonly no: number;
  /** Rows of which it was NULL, which is neither. */
  readonly unknown: number;
}

/** How far the fixtures of a detection exercise its clauses. */
export interface DetectionCoverage {
  /** The detection. */
  readonly compiled: CompiledDetection;
  /** In the order of the text, exceptions last. */
  readonly clauses: readonly ClauseCoverage[];
  /** What could not be measured as it should, in words; such a case counts for less or for nothing. */
  readonly problems: readonly string[];
}

/** Plays the cases of a detection with a probe around each clause. */
export async function measureCoverage(
  compiled: CompiledDetection,
  fixtures: readonly FixtureCase[],
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<DetectionCoverage> {
  const read = readDetection(compiled.detection);
  if (!read) {
    const problem = "the SQL has syntax that only SQLite knows: its clauses are not known";
    return { compiled, clauses: [], problems: [problem] };
  }
  const clauses = clausesOfDetection(compiled.detection, read);
  const thorough = instrumented(compiled, read, clauses, true);
  const sparing = instrumented(compiled, read, clauses, false);
  const totals = clauses.map(() => [0, 0, 0] as [number, number, number]);
  const problems: string[] = [];
  for (const fixture of fixtures) {
    const observer = observe(sandbox, clauses.length);
    await runCase(thorough, fixture, catalogue, observer.sandbox);
    let { counts, failure } = observer;
    if (failure !== undefined) {
      const second = observe(sandbox, clauses.length);
      await runCase(sparing, fixture, catalogue, second.sandbox);
      ({ counts } = second);
      problems.push(
        second.failure === undefined
          ? `${fixture.name}: clauses are judged only where SQLite evaluates them (${failure})`
          : `${fixture.name}: not measured (${second.failure})`,
      );
    }
    counts.forEach((each, clause) => add(totals[clause]!, each));
  }
  const covered = clauses.map((clause, number) => {
    const [yes, no, unknown] = totals[number]!;
    return { ...clause, yes, no, unknown };
  });
  return { compiled, clauses: covered, problems };
}

function instrumented(
  compiled: CompiledDetection,
  { query, exceptions }: ReadDetection,
  clauses: readonly Clause[],
  thorough: boolean,
): CompiledDetection {
  const { detection } = compiled;
  const numbers = new Map<Node, number>(clauses.map(({ node }, number) => [node, number]));
  const meta = {
    ...detection.meta,
    exceptions: detection.meta.exceptions.map((exception, index) => {
      const { predicate, text } = exceptions[index]!;
      return { ...exception, when: instrument(predicate, { text, clauses: numbers, thorough }) };
    }),
  };
  const sql = instrument(query, { text: detection.text, clauses: numbers, thorough });
  return withEveryEvent({ ...compiled, sql, detection: { ...detection, meta } });
}

interface Observer {
  /** Allows probes in what it runs, and adds up what they tell. */
  readonly sandbox: Sandbox;
  readonly counts: readonly TruthCounts[];
  /** Why a query failed, if one did. */
  readonly failure: string | undefined;
}

function observe(sandbox: Sandbox, clauses: number): Observer {
  const counts = Array.from({ length: clauses }, () => [0, 0, 0] as [number, number, number]);
  let failure: string | undefined;
  return {
    sandbox: {
      ...sandbox,
      async run(query) {
        const outcome = await sandbox.run({ ...query, probes: clauses });
        if (outcome.status === "failed") failure = outcome.reason;
        else outcome.probes?.forEach((each, clause) => add(counts[clause]!, each));
        return outcome;
      },
    },
    counts,
    get failure() {
      return failure;
    },
  };
}

function add(total: [number, number, number], [yes, no, unknown]: TruthCounts): void {
  total[0] += yes;
  total[1] += no;
  total[2] += unknown;
}
