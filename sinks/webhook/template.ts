import type { Alert, JsonValue } from "../../model/alert.ts";

/**
 * Fills a JSON template: `{{alert_data.pid}}` in a text is replaced by that of the alert. A text that is nothing else
 * becomes the value itself, whatever its type. What hosts say can only ever stand within a text, never change the JSON.
 */
export function fillTemplate(template: JsonValue, alert: Alert): JsonValue {
  if (typeof template === "string") return fillText(template, alert);
  if (typeof template !== "object" || template === null) return template;
  if (isList(template)) return template.map((one) => fillTemplate(one, alert));
  const filled: Record<string, JsonValue> = Object.create(null);
  for (const [name, value] of Object.entries(template)) filled[name] = fillTemplate(value, alert);
  return filled;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const PLACE = /\{\{\s*([^{}]+?)\s*\}\}/;

function fillText(text: string, alert: Alert): JsonValue {
  const [whole, only] = new RegExp(`^${PLACE.source}$`).exec(text) ?? [];
  if (whole !== undefined) return lookUp(alert, only!) ?? null;
  return text.replace(new RegExp(PLACE, "g"), (_, path: string) => {
    const value = lookUp(alert, path) ?? "?";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

/** What stands at a path such as `alert_data.pid`. */
function lookUp(alert: Alert, path: string): JsonValue | undefined {
  let value: unknown = alert;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value as JsonValue;
}
