import { builtInOf, confidenceOf, OCTET, type Pattern } from "./patterns.ts";
import type { RegionType } from "./region_type.ts";
import { PAGE } from "./smaps.ts";
import { type Disclosure } from "./secrecy.ts";

/** Where a text was found. */
export interface Place {
  readonly address: number;
  readonly region_type: RegionType;
  /** Four letters. */
  readonly permissions: string;
}

/** A kind of telling thing. */
export interface Artifact {
  /** A value of `artifact_type`. */
  readonly type: string;
  /** A value of `artifact_category`. */
  readonly category: string;
  /** What finds it, understood alike by RE2 and JavaScript. */
  readonly regex: string;
  /** How sure it is, 0 to 1; `undefined` where it is none after all. */
  readonly confidence: (text: string, place: Place) => number | undefined;
  /** What is told of it. */
  readonly disclosure: Disclosure;
  /** What it is, where that is told instead. */
  readonly value?: (text: string) => string;
}

/** Folders that every user may write to. */
const OPEN_FOLDER = "/(?:tmp|var/tmp|dev/shm)/";
const NAME = "[A-Za-z0-9._@+-]";
const HOME = `/(?:root|home/${NAME}{1,64})`;
const TOLD: Disclosure = { kind: "plain" };

/**
 * Everything that counts as telling. What is found in more than one way has more than one row; how sure each is stands in
 * the documentation of the column.
 */
export const ARTIFACTS: readonly Artifact[] = [
  ...[...builtInOf("crypto_key"), ...builtInOf("token")].map((pattern) =>
    ofPattern(pattern, "key", "credential")
  ),
  ...builtInOf("url").map((pattern) => ofPattern(pattern, "connection", "network")),
  {
    type: "connection",
    category: "network",
    regex: `\\b(?:${OCTET}\\.){3}${OCTET}:[1-9][0-9]{0,4}\\b`,
    confidence: () => 0.7,
    disclosure: TOLD,
  },
  {
    type: "file",
    category: "credential",
    regex:
      `/etc/(?:g?shadow|sudoers|krb5\\.keytab)\\b|${HOME}/\\.(?:ssh/id_[a-z0-9_]{1,24}|aws/credentials|kube/config|docker/config\\.json|netrc|pgpass|git-credentials|gnupg/${NAME}{1,64})\\b`,
    confidence: () => 0.7,
    disclosure: TOLD,
  },
  {
    type: "file",
    category: "persistence",
    regex:
      `/etc/(?:ld\\.so\\.preload|crontab|rc\\.local|cron\\.[a-z]{1,8}/${NAME}{1,64}|init\\.d/${NAME}{1,64}|profile\\.d/${NAME}{1,64}|systemd/system/${NAME}{1,80})\\b|/var/spool/cron/${NAME}{1,64}|${HOME}/\\.ssh/authorized_keys\\b`,
    confidence: () => 0.5,
    disclosure: TOLD,
  },
  {
    type: "module",
    category: "injection",
    regex: `${OPEN_FOLDER}(?:${NAME}{1,64}/){0,6}${NAME}{1,64}\\.so\\b`,
    confidence: () => 0.7,
    disclosure: TOLD,
  },
  {
    type: "file",
    category: "other",
    regex:
      `/dev/shm/(?:${NAME}{1,64}/){0,6}${NAME}{1,64}|/(?:var/)?tmp/(?:${NAME}{1,64}/){0,6}\\.[A-Za-z0-9]${NAME}{0,64}(?:/${NAME}{1,64}){0,6}`,
    confidence: () => 0.4,
    disclosure: TOLD,
  },
  {
    type: "command",
    category: "execution",
    regex:
      "\\b(?:curl|wget) [\\x21-\\x7b\\x7d\\x7e ]{4,300}\\| {0,2}(?:sudo )?(?:ba|da|z)?sh\\b|\\b(?:ba|da|z)?sh -i [>0-9&]{1,6} ?/dev/(?:tcp|udp)/[\\x21-\\x7e]{3,80}|/dev/(?:tcp|udp)/[A-Za-z0-9.-]{3,80}/[0-9]{1,5}\\b|\\bn(?:c|cat) [\\x20-\\x7e]{0,80}-e ?/bin/(?:ba|da|z)?sh\\b",
    confidence: () => 0.8,
    disclosure: { kind: "command" },
  },
  {
    type: "string",
    category: "credential",
    regex:
      "\\b(?:[Pp]assword|PASSWORD|[Pp]asswd|PASSWD|[Ss]ecret|SECRET|[Aa]pi_?[Kk]ey|API_?KEY|aws_secret_access_key|AWS_SECRET_ACCESS_KEY)[\"']?[=:] ?[\"']?[\\x21\\x23-\\x26\\x28-\\x7e]{6,200}",
    confidence: () => 0.4,
    disclosure: { kind: "secret", shown: /^[A-Za-z_]+/ },
  },
  {
    type: "header",
    category: "injection",
    regex: "\\x7fELF[\\x01\\x02][\\x01\\x02]\\x01",
    confidence: (_, place) => headerConfidence(place),
    disclosure: TOLD,
    value: (text) => `ELF ${text.charCodeAt(4) === 1 ? 32 : 64}-bit`,
  },
  {
    type: "header",
    category: "injection",
    regex: "MZ[\\x00-\\xff]{62,509}PE\\x00\\x00(?:\\x4c\\x01|\\x64\\x86|\\x64\\xaa)",
    confidence: (_, place) => headerConfidence(place),
    disclosure: TOLD,
    value: (text) => `PE ${text.endsWith("\x4c\x01") ? 32 : 64}-bit`,
  },
];

function ofPattern(pattern: Pattern, type: string, category: string): Artifact {
  const { regex, disclosure } = pattern;
  const confidence = (text: string) => confidenceOf(pattern, text);
  return { type, category, regex, confidence, disclosure };
}

/** Whoever loads a program by mapping its file leaves no header in memory that is of no file. */
function headerConfidence({ address, region_type, permissions }: Place): number | undefined {
  if (!["anonymous", "heap", "stack"].includes(region_type)) return undefined;
  if (permissions[2] === "x") return 0.9;
  return address % PAGE === 0 ? 0.5 : undefined;
}
