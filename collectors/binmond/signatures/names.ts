import { type Element, TAG, toHex, within } from "./der.ts";

/** Attributes of names by their object identifiers, in hexadecimal (ITU-T X.520). */
const LABELS: Readonly<Record<string, string>> = {
  "550403": "CN",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "55040a": "O",
  "55040b": "OU",
  "2a864886f70d010901": "emailAddress",
};

const BMP_STRING = 30;

/** A distinguished name as text, an attribute a line, as `node:crypto` writes the names in certificates. */
export function distinguishedName(name: Element | undefined): string {
  return within(name, TAG.SEQUENCE).flatMap((part) => within(part, TAG.SET)).map((one) => {
    const [type, value] = within(one, TAG.SEQUENCE);
    const oid = type ? toHex(type.content) : "";
    return `${LABELS[oid] ?? oid}=${value ? textOf(value) : ""}`;
  }).join("\n");
}

function textOf({ tag, content }: Element): string {
  return new TextDecoder(tag === BMP_STRING ? "utf-16be" : "utf-8").decode(content);
}

/** Names come with a part on each line. */
export function onOneLine(name: string): string {
  return name.trim().split("\n").join(", ");
}

/** The common name, else the organisation, else all of a name. */
export function shortName(name: string): string {
  const part = (key: string) => name.split("\n").find((line) => line.startsWith(`${key}=`));
  return (part("CN") ?? part("O"))?.replace(/^\w+=/, "") ?? onOneLine(name);
}
