import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection, TableRead } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { parseFixture } from "../fixture.ts";
import { runCase } from "../run.ts";
import { fixtureText } from "./fixture_text.ts";
import { type Recording, withColumns } from "./recording.ts";
import { redact, type RedactOptions } from "./redact.ts";
import { type Replay, replay } from "./replay.ts";
import { countRows, shrink } from "./shrink.ts";

/** Options of {@linkcode makeFixture} and {@linkcode prepare}. */
export interface PrepareOptions {
  /** The tables and columns that are kept; what is recorded beyond them helps only to find names and secrets. */
  readonly reads: readonly TableRead[];
  /** How names and secrets are replaced; they are left as they are where absent. */
  readonly redaction?: Pick<RedactOptions, "seed" | "known">;
  /** The detection that the recording is for. */
  readonly compiled?: CompiledDetection;
}

/** What a fixture is made with. */
export interface FixtureOptions extends PrepareOptions {
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Where the detection runs. */
  readonly sandbox: Sandbox;
  readonly compiled: CompiledDetection;
  /** What the case plays, in a few words. */
  readonly case: string;
  /** Whether only what the alerts need is kept. */
  readonly shrink: boolean;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** A fixture, and what its author should know of it. */
export interface Fixture {
  readonly text: string;
  readonly warnings: readonly string[];
  /** Rows that were recorded, and those of them that the fixture has. */
  readonly rows: { readonly recorded: number; readonly kept: number };
  /** Alerts that the fixture expects. */
  readonly alerts: number;
  /** Values that have another name. */
  readonly replaced: number;
}

/** A recording with other names and with only the columns that are wanted. */
export function prepare(
  recording: Recording,
  { reads, redaction, compiled }: PrepareOptions,
): { readonly recording: Recording; readonly replaced: number } {
  if (!redaction) return { recording: withColumns(recording, reads), replaced: 0 };
  const redacted = redact(recording, { ...redaction, ...(compiled && { compiled }) });
  return { ...redacted, recording: withColumns(redacted.recording, reads) };
}

/**
 * Makes a fixture of a recording: names and secrets replaced, if asked for reduced to what its alerts need, with the
 * alerts that it really raises. It has been played before it is returned; what does not come out as recorded is among the
 * warnings.
 */
export async function makeFixture(recording: Recording, options: FixtureOptions): Promise<Fixture> {
  const { compiled } = options;
  const plain = withColumns(recording, options.reads);
  const before = await replay(plain, options);
  const prepared = prepare(recording, options);
  let kept = prepared.recording;
  let after = options.redaction ? await replay(kept, options) : before;
  const warnings = [...modeWarnings(compiled), ...differences(before, after)];
  if (options.shrink && after.alerts.length === 0) {
    warnings.push("nothing fires, so there is nothing to shrink to: every row is kept");
  } else if (options.shrink) {
    kept = (await shrink(kept, options)).recording;
    after = await replay(kept, options);
  }
  const { text, faults } = await playableText(kept, after, options);
  warnings.push(...gapWarnings(kept));
  warnings.push(...faults.map((fault) => `the fixture does not come out as recorded: ${fault}`));
  return {
    text,
    warnings,
    rows: { recorded: countRows(plain), kept: countRows(kept) },
    alerts: after.alerts.length,
    replaced: prepared.replaced,
  };
}

/** The text of the fixture, without the keys of processes where it plays as well without them. */
async function playableText(
  recording: Recording,
  replayed: Replay,
  options: FixtureOptions,
): Promise<{ text: string; faults: readonly string[] }> {
  const { compiled } = options;
  const comments = [
    "Recorded by daemoneye record" +
    (options.redaction ? "; names, addresses and secrets are replaced." : ", names as they are."),
    ...(options.shrink && replayed.alerts.length > 0 ? ["Reduced to what the alerts need."] : []),
  ];
  let result: { text: string; faults: readonly string[] } | undefined;
  for (const processKeys of [false, true]) {
    const expected = { compiled, replay: replayed };
    const text = fixtureText(recording, { case: options.case, comments, expected, processKeys });
    const faults = await play(text, options);
    if (faults.length === 0) return { text, faults };
    result = { text, faults };
  }
  return result!;
}

/** Plays the text as `daemoneye test` would. */
async function play(
  text: string,
  { compiled, catalogue, sandbox }: FixtureOptions,
): Promise<readonly string[]> {
  const { fixture, diagnostics } = parseFixture(text, "the fixture", catalogue);
  if (!fixture) return diagnostics.map(({ line, message }) => `line ${line}: ${message}`);
  return (await runCase(compiled, fixture, catalogue, sandbox)).diff;
}

/** What could not be recorded, so that the fixture says it as well. */
export function gapWarnings({ tables }: Recording): string[] {
  return [...tables.values()].flatMap(({ spec, outcome, rows }) => {
    const lacking = Map.groupBy(
      rows.flatMap(({ gaps }) => [...gaps]),
      ([column, reason]) => `${reason} ${column}`,
    );
    return [
      ...(outcome.status === "unavailable"
        ? [`${spec.name} is unavailable: ${outcome.reason}`]
        : []),
      ...(outcome.status === "partial"
        ? [`rows of ${spec.name} are missing (${outcome.reason}), which a fixture cannot say`]
        : []),
      ...[...lacking.values()].map((list) => {
        const [column, reason] = list[0]!;
        const why = reason === "not_collected" ? "not collected" : reason;
        return `${spec.name}.${column} has no value in ${list.length} of ${rows.length} rows: ${why}`;
      }),
    ];
  });
}

/** Detections that one moment can say little of. */
function modeWarnings({ detection: { meta } }: CompiledDetection): string[] {
  if (meta.mode === "differential") {
    return ["a differential detection tells of changes, and this is one moment: add a step"];
  }
  if (meta.mode === "events") {
    return ["a detection on events needs `events`, and this is the state of a host: add them"];
  }
  return meta.threshold ? ["one moment may not reach the threshold: add steps, or `repeat`"] : [];
}

/** What redaction has changed in the eyes of the detection. */
function differences(before: Replay, after: Replay): string[] {
  const tell = ({ alerts, hits, not_evaluated }: Replay) =>
    not_evaluated === undefined
      ? `${hits} rows and ${alerts.length} alerts`
      : `no result (${not_evaluated})`;
  return tell(before) === tell(after) ? [] : [
    `the detection sees other values after redaction: ${tell(after)} instead of ${tell(before)}`,
  ];
}
