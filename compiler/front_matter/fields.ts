import { MODES, SEVERITIES, STATUSES } from "../../model/detection.ts";
import { PLATFORMS } from "../../schema/types.ts";
import {
  boolean,
  cron,
  date,
  duration,
  integer,
  type Kind,
  oneOf,
  pattern,
  string,
  uuid,
} from "./kinds.ts";

/** What a field holds: a scalar, a list, or fields of its own. */
export type Shape =
  | { readonly scalar: Kind }
  | { readonly list: Shape; readonly least?: number; readonly unique?: boolean }
  | { readonly fields: Fields };

/** A field of the front-matter. */
export interface Field {
  readonly shape: Shape;
  readonly description: string;
  readonly required?: true;
  /** The value where the key is absent, as it would be after reading; without it the key stays absent. */
  readonly default?: unknown;
}

/** Fields by name, in the order in which documentation shows them. */
export type Fields = Readonly<Record<string, Field>>;

const text: Shape = { scalar: string };
const texts: Shape = { list: text };
const columns: Shape = { list: { scalar: string }, least: 1, unique: true };
const path: Shape = {
  scalar: pattern(
    /^(?!\/|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))[^\0]+$/,
    "a path below the folder of the detection",
    "rules/packer.yar",
  ),
};
const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const TAG = /^[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)+$/;

/** Every key of the front-matter, but the author's own `x-` keys. */
export const FIELDS: Fields = {
  id: { shape: { scalar: uuid }, description: "Stable identity", required: true },
  title: { shape: text, description: "What it finds", required: true },
  description: { shape: text, description: "What it finds and why that matters", required: true },
  status: {
    shape: { scalar: oneOf(STATUSES) },
    description: "How far it can be trusted",
    required: true,
  },
  severity: {
    shape: { scalar: oneOf(SEVERITIES) },
    description: "How bad a match is",
    required: true,
  },
  platforms: {
    shape: { list: { scalar: oneOf(PLATFORMS) }, least: 1, unique: true },
    description: "Where it runs; its columns must exist on all of them",
    required: true,
  },
  date: { shape: { scalar: date }, description: "Day on which it was written" },
  modified: { shape: { scalar: date }, description: "Day of the latest change" },
  version: {
    shape: { scalar: pattern(SEMVER, "a semantic version", "1.0.0") },
    description: "Semantic version",
    default: "1.0.0",
  },
  author: { shape: texts, description: "Who wrote it", default: [] },
  references: { shape: texts, description: "Where to read more", default: [] },
  falsepositives: {
    shape: texts,
    description: "Benign causes of a match; required for status stable",
    default: [],
  },
  packs: { shape: texts, description: "Packs that it belongs to", default: [] },
  license: { shape: text, description: "SPDX identifier of its licence" },
  tags: {
    shape: {
      list: {
        scalar: pattern(
          TAG,
          "a tag of the form namespace.value",
          "attack.t1059.004, cve.2021-44228",
        ),
      },
      unique: true,
    },
    description: "Tags, ATT&CK ones as Sigma writes them: attack.execution, attack.t1059.004",
    default: [],
  },
  mode: {
    shape: { scalar: oneOf(MODES) },
    description: "Evaluated on the newest rows, on what changed between scans, or on each event",
    default: "snapshot",
  },
  identity: {
    shape: columns,
    description: "Result columns that make a row the same row from scan to scan",
  },
  emit: {
    shape: { list: { scalar: oneOf(["added", "removed"]) }, least: 1, unique: true },
    description: "Which changes of a differential detection alert",
    default: ["added"],
  },
  baseline: {
    shape: { scalar: oneOf(["silent", "alert"]) },
    description: "What the first run of a differential detection does",
    default: "silent",
  },
  remember: {
    shape: { scalar: duration() },
    description: "A row counts as added when it was not seen for so long",
  },
  schedule: {
    shape: {
      fields: {
        every: { shape: { scalar: duration() }, description: "Time between runs" },
        cron: {
          shape: { scalar: cron },
          description:
            "Cron expression of five fields in the time zone of the host, instead of every",
        },
        splay: { shape: { scalar: duration() }, description: "Runs are spread over so long" },
        timeout: {
          shape: { scalar: duration(30_000, "30s") },
          description: "Longest run, at most 30s",
          default: 30_000,
        },
      },
    },
    description: "When an agent runs it; every 60s by default",
    default: { every: 60_000, timeout: 30_000 },
  },
  lookback: {
    shape: { scalar: duration() },
    description: "How much stored history the query sees; without it the newest rows",
  },
  threshold: {
    shape: {
      fields: {
        by: { shape: columns, description: "Columns that are counted separately", required: true },
        count: { shape: { scalar: integer(2) }, description: "So many alert", required: true },
        within: { shape: { scalar: duration() }, description: "Window", required: true },
        count_distinct: { shape: text, description: "Column whose distinct values are counted" },
      },
    },
    description: "Alerts only when so many are seen in a window",
  },
  suppression: {
    shape: {
      fields: {
        by: { shape: columns, description: "Columns whose values make hits the same" },
        for: {
          shape: { scalar: duration() },
          description: "Each key alerts once in so long",
          default: 3_600_000,
        },
      },
    },
    description: "Which hits count as one, and for how long",
    default: { for: 3_600_000 },
  },
  alert: {
    shape: {
      fields: {
        title: { shape: text, description: 'Template over result columns: "{{name}} started"' },
        entity: { shape: columns, description: "Columns that say what the alert is about" },
        context: { shape: columns, description: "Columns that explain" },
      },
    },
    description: "What the alert shows",
    default: {},
  },
  exceptions: {
    shape: {
      list: {
        fields: {
          id: { shape: text, description: "Name of the exception", required: true },
          when: {
            shape: text,
            description: "SQL predicate over the result columns",
            required: true,
          },
          reason: { shape: text, description: "Why it is benign", required: true },
          owner: { shape: text, description: "Who answers for it" },
          expires: { shape: { scalar: date }, description: "Last day on which it holds" },
          fixture: { shape: text, description: "Fixture case that shows it" },
        },
      },
    },
    description: "Known benign cases that are left out",
    default: [],
  },
  resources: {
    shape: {
      fields: {
        yara: { shape: { list: path }, description: "YARA rules", default: [] },
        indicators: { shape: { list: path }, description: "Lists of indicators", default: [] },
      },
    },
    description: "Files that belong to the detection, relative to it",
    default: { yara: [], indicators: [] },
  },
  runbook: { shape: text, description: "What to do about a match, in Markdown" },
  enabled: { shape: { scalar: boolean }, description: "Whether it runs", default: true },
};
