import { nearestName } from "../nearest.ts";
import { TACTICS } from "./attack.ts";
import { at, type HygieneCheck } from "./check.ts";

interface Namespace {
  readonly form: RegExp;
  /** Tags of it. */
  readonly example: string;
}

/** The namespaces of Sigma's tags and what stands behind them (SigmaHQ/sigma-specification, tags appendix). */
const NAMESPACES: Readonly<Record<string, Namespace>> = {
  attack: { form: /^/, example: "attack.execution, attack.t1059.004" },
  car: { form: /^\d{4}-\d{2}-\d{3}$/, example: "car.2013-05-009" },
  cve: { form: /^\d{4}[-.]\d{4,}$/, example: "cve.2021-44228" },
  d3fend: { form: /^/, example: "d3fend.d3-pa" },
  detection: {
    form: /^(?:dfir|emerging-threats|threat-hunting)$/,
    example: "detection.dfir, detection.emerging-threats, detection.threat-hunting",
  },
  stp: { form: /^[1-5][auk]?$/, example: "stp.3k" },
  tlp: {
    form: /^(?:white|clear|green|amber|amber-strict|red)$/,
    example: "tlp.clear, tlp.green, tlp.amber, tlp.amber-strict, tlp.red",
  },
};

/** Shorter namespaces than this are near to each other without being meant. */
const LEAST_LENGTH = 5;

/** Tags of well-known namespaces have the form of these; other namespaces are the author's own. */
export const malformedTag: HygieneCheck = {
  code: "malformed-tag",
  docs: {
    what:
      "A tag whose namespace is misspelt, or whose value does not have the form of its namespace.",
    why: "Tools find tags by their form. Namespaces of your own are fine.",
    bad: "tags: [attck.execution, cve.log4shell]",
    good: "tags: [attack.execution, cve.2021-44228, team.linux]",
  },
  *check({ detection }) {
    for (const [index, tag] of detection.meta.tags.entries()) {
      const dot = tag.indexOf(".");
      const [name, value] = [tag.slice(0, dot), tag.slice(dot + 1)];
      const namespace = Object.hasOwn(NAMESPACES, name) ? NAMESPACES[name] : undefined;
      const span = at(detection, `tags.${index}`);
      const meant = namespace ? undefined : meantNamespace(name, value);
      if (meant !== undefined) {
        yield {
          span,
          message: `there is no namespace \`${name}\``,
          hint: `did you mean \`${meant}.${value}\`?`,
        };
      } else if (namespace && !namespace.form.test(value)) {
        yield {
          span,
          message: `\`${value}\` is no value of \`${name}\``,
          hint: `such as ${namespace.example}`,
        };
      }
    }
  },
};

function meantNamespace(name: string, value: string): string | undefined {
  if (/^t\d{4}(?:\.\d{3})?$/.test(value) || TACTICS.includes(value)) return "attack";
  return name.length < LEAST_LENGTH
    ? undefined
    : nearestName(name, Object.keys(NAMESPACES).filter((one) => one.length >= LEAST_LENGTH));
}
