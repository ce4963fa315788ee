/**
 * The hygiene of detections: not what is wrong with them, but what makes them hard to trust, to run or to live with. A
 * check is a file here and a line in {@linkcode HYGIENE_CHECKS}.
 *
 * @module
 */
import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.ts";
import { SourceText } from "../../diagnostics/source.ts";
import { cartesianProduct } from "./cartesian_product.ts";
import type { HygieneCheck, HygieneContext, HygieneFinding } from "./check.ts";
import { constantCondition } from "./constant_condition.ts";
import { duplicateLogic } from "./duplicate_logic.ts";
import { duplicateTitle } from "./duplicate_title.ts";
import { exceptionFixture } from "./exception_fixture.ts";
import { expiredException } from "./expired_exception.ts";
import { historyJoin } from "./history_join.ts";
import { impossibleDate } from "./impossible_date.ts";
import { incompleteStable } from "./incomplete_stable.ts";
import { leadingWildcard } from "./leading_wildcard.ts";
import { literalRegexp } from "./literal_regexp.ts";
import { malformedTag } from "./malformed_tag.ts";
import { missingFalsepositives } from "./missing_falsepositives.ts";
import { missingFixtures } from "./missing_fixtures.ts";
import { missingIdentity } from "./missing_identity.ts";
import { missingLookback } from "./missing_lookback.ts";
import { missingRunbook } from "./missing_runbook.ts";
import { missingTactic } from "./missing_tactic.ts";
import { nullComparison } from "./null_comparison.ts";
import { nullableNotIn } from "./nullable_not_in.ts";
import { redundantLower } from "./redundant_lower.ts";
import { repeatedDescription } from "./repeated_description.ts";
import { selectStar } from "./select_star.ts";
import { thresholdWithGroupBy } from "./threshold_with_group_by.ts";
import { titleForm } from "./title_form.ts";
import { type Tree, treeOf } from "./tree.ts";
import { unknownAttackTag } from "./unknown_attack_tag.ts";
import { unknownValue } from "./unknown_value.ts";
import { volatileIdentity } from "./volatile_identity.ts";
import { wrongWildcard } from "./wrong_wildcard.ts";

export type {
  Corpus,
  Described,
  FixtureName,
  HygieneCheck,
  HygieneContext,
  HygieneFinding,
  SqlContext,
} from "./check.ts";

/** Every hygiene check, in the order of `docs/diagnostics.md`. */
export const HYGIENE_CHECKS: readonly HygieneCheck[] = [
  missingFalsepositives,
  missingFixtures,
  missingRunbook,
  incompleteStable,
  titleForm,
  repeatedDescription,
  duplicateTitle,
  impossibleDate,
  unknownAttackTag,
  missingTactic,
  malformedTag,
  expiredException,
  exceptionFixture,
  missingIdentity,
  volatileIdentity,
  thresholdWithGroupBy,
  duplicateLogic,
  selectStar,
  cartesianProduct,
  missingLookback,
  historyJoin,
  nullComparison,
  nullableNotIn,
  unknownValue,
  constantCondition,
  wrongWildcard,
  leadingWildcard,
  literalRegexp,
  redundantLower,
];

/**
 * What the hygiene checks say of a detection, in the order of the text. Those of the SQL say nothing where it has faults,
 * which compiling reports.
 */
export function hygieneDiagnostics(context: HygieneContext): Diagnostic[] {
  const { detection, catalogue } = context;
  const source = new SourceText(detection.file, detection.text);
  const tree = treeOf(detection, catalogue);
  return HYGIENE_CHECKS
    .flatMap((check) => [...run(check, context, tree)].map((finding) => ({ check, finding })))
    .sort((left, right) => left.finding.span.start - right.finding.span.start)
    .map(({ check: { code }, finding: { span, message, hint, severity } }) => ({
      ...diagnostic(code, source, span, message, hint),
      ...(severity && { severity }),
    }));
}

function run(
  check: HygieneCheck,
  context: HygieneContext,
  tree: Tree | undefined,
): Iterable<HygieneFinding> {
  if ("check" in check) return check.check(context);
  return tree ? check.sql({ ...context, tree }) : [];
}
