import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { MAX_TEXT } from "./limits.ts";

/** What is told of a text from the memory of a process, which may be anybody's secret. */
export type Disclosure =
  /** Its beginning, as far as `shown` or by four characters, and its SHA-256: enough to recognise it, not to use it. */
  | { readonly kind: "secret"; readonly shown?: RegExp }
  /** All but the password, the query and the fragment. */
  | { readonly kind: "url" }
  /** All but who logs in where, queries, and the values of options that may be secret. */
  | { readonly kind: "command" }
  /** All but the name. */
  | { readonly kind: "email" }
  /** All of it. */
  | { readonly kind: "plain" };

/** Characters of a secret that are shown where nothing says how many; never more than a quarter. */
const SHOWN = 4;

let whole = false;

/** Says how this process tells what is secret: whole where the operator wants that, else by beginning and hash. */
export function tellSecrets(secrets: "whole" | undefined): void {
  whole = secrets === "whole";
}

/** SHA-256 of the bytes that a text stands for, each character one byte. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

/**
 * A text as it is told. Two texts of which something is left out have two values, because those end in the SHA-256 of the
 * whole. Where a text is too long to be told whole it ends so, too.
 */
export function disclose(text: string, disclosure: Disclosure): string {
  const shown = whole ? text : shownPart(text, disclosure);
  return shown === text && text.length <= MAX_TEXT
    ? copyOf(text)
    : `${copyOf(shown.slice(0, MAX_TEXT - 80))} sha256:${digestOf(text)}`;
}

function shownPart(text: string, disclosure: Disclosure): string {
  switch (disclosure.kind) {
    case "plain":
      return text;
    // What stands before the last `@` of a URL's host is a name and a password, which may have others in it.
    case "url":
      return text.replace(/^([^:]+:\/\/)[^/?#]*@/, "$1***@").replace(/([?#]).*$/s, "$1***");
    case "command":
      return text.replace(SECRET_OPTION, "$1***").replace(/[^\s"'|/]+@/g, "***@")
        .replace(/([?#])[^\s"'|]+/g, "$1***");
    case "email":
      return text.replace(/^.*@/s, "***@");
    case "secret": {
      const [start] = disclosure.shown?.exec(text) ?? [];
      return `${start ?? text.slice(0, Math.min(SHOWN, text.length / 4))}***`;
    }
  }
}

/** An option of curl or wget, and what it sends: a header, a cookie, data, or who logs in. */
const SECRET_OPTION =
  /(\s(?:-[a-zA-Z]*[HbduU]|--[a-z0-9-]*(?:header|cookie|data|user|password|bearer|form)[a-z-]*)(?:\s+|=)?)("[^"]*"|'[^']*'|[^\s"'|]+)/g;

/** A text of its own: a part of another one keeps that alive in V8, and here that is a window of memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
