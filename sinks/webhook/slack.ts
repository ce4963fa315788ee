import { escapeTerminal } from "../../diagnostics/escape.ts";
import type { Alert, JsonValue } from "../../model/alert.ts";

/** Limits of Slack (https://docs.slack.dev/reference/block-kit/blocks), with room for what escaping adds. */
const MAX_HEADER = 140;
const MAX_TEXT = 2_500;

/**
 * An alert as a message for Slack and what understands the same. Everything that a host says stands as plain text: no
 * mention, link or formatting of its making works.
 */
export function slackMessage(alert: Alert): JsonValue {
  const { severity, title, host, rule_id, id, alert_time, alert_data } = alert;
  const heading = `${severity.toUpperCase()}: ${title}`;
  const facts = Object.entries(alert_data).filter(([, value]) => value !== null)
    .map(([name, value]) =>
      `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
    );
  const origin = `${host} · ${new Date(alert_time).toISOString()} · ${rule_id} · ${id}`;
  return {
    text: slackText(`${heading} (${host})`, MAX_TEXT),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plain(heading, MAX_HEADER) },
      ...facts.length > 0 ? [{ type: "section", text: plain(facts, MAX_TEXT) }] : [],
      { type: "context", elements: [plain(origin, MAX_TEXT)] },
    ],
  };
}

function plain(text: string | readonly string[], length: number): JsonValue {
  return { type: "plain_text", emoji: false, text: slackText(text, length) };
}

/**
 * Text as Slack wants it: `&`, `<` and `>` as entities (https://docs.slack.dev/messaging/formatting-message-text), nothing
 * that hides, and cut with a mark. Lines are those that are given, not those that a host has made.
 */
function slackText(text: string | readonly string[], length: number): string {
  const lines = typeof text === "string" ? [text] : text;
  const escaped = lines.map((line) =>
    escapeTerminal(line).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  ).join("\n");
  if (escaped.length <= length) return escaped;
  // An entity or a pair of surrogates that the cut would split goes with it.
  const whole = escaped.slice(0, length - 1).replace(/&[a-z]{0,3}$|[\ud800-\udbff]$/, "");
  return `${whole}…`;
}
