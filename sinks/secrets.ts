import type { Secret } from "./fields.ts";
import { SinkError } from "./error.ts";

/** Reads secrets where they are, and keeps what it has read out of everything that is told. */
export interface Secrets {
  /**
   * The text of a secret. A file is read anew each time, so that it can be changed; a line feed at its end is none of it.
   *
   * @throws {SinkError} where there is none
   */
  read(secret: Secret): Promise<string>;
  /** Remembers a text that is made of secrets, so that it is not told either. */
  hide(text: string): void;
  /** A text with `***` in place of every secret that was read, also as JSON, URLs and base64 write it. */
  redact(text: string): string;
  /** Characters of the longest of them. */
  longest(): number;
}

/** Nobody's secret is shorter; replacing such texts would make a message unreadable. */
const SHORTEST = 4;

/** Opens secrets of a sink. */
export function openSecrets(): Secrets {
  const known = new Set<string>();

  function hide(text: string): void {
    if (text.length < SHORTEST) return;
    const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(text).subarray(0, 10_000)));
    const forms = [text, encodeURIComponent(text.toWellFormed()), encodeURI(text.toWellFormed())];
    for (const form of [...forms, JSON.stringify(text).slice(1, -1), base64]) known.add(form);
  }

  return {
    async read(secret) {
      const text = await readSecret(secret);
      if (text === "") throw new SinkError("unavailable", `${place(secret)} is empty`);
      hide(text);
      return text;
    },
    hide,
    redact(text) {
      // Longest first: what remains of a longer one must not show.
      for (const form of [...known].sort((a, b) => b.length - a.length)) {
        text = text.replaceAll(form, "***");
      }
      return text;
    },
    longest: () => Math.max(0, ...[...known].map(({ length }) => length)),
  };
}

async function readSecret(secret: Secret): Promise<string> {
  if (typeof secret === "string") return secret;
  try {
    if ("env" in secret) return Deno.env.get(secret.env) ?? "";
    return (await Deno.readTextFile(secret.file)).replace(/\r?\n$/, "");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SinkError("unavailable", `${place(secret)} cannot be read: ${reason}`);
  }
}

function place(secret: Secret): string {
  if (typeof secret === "string") return "a secret";
  return "env" in secret ? `the environment variable ${secret.env}` : `the file ${secret.file}`;
}
