import { basename, dirname, join } from "@std/path";
import type { Link } from "./entry.ts";

/** Where the audit log of a store lies: beside it. */
export function auditPath(state: string): string {
  return `${state}.audit.jsonl`;
}

/** Where the anchor of a log lies. */
export function headPath(path: string): string {
  return `${path}.head`;
}

const DIGITS = 12;

/** What a full file of a log is called: by its last entry, so that names never change. */
export function rotatedPath(path: string, last: number): string {
  return `${path}.${String(last).padStart(DIGITS, "0")}`;
}

/** The files of a log that there are, oldest first. The one that is written to is the last, if it is there. */
export async function logFiles(path: string): Promise<string[]> {
  const name = basename(path);
  const full: string[] = [];
  let current = false;
  try {
    for await (const entry of Deno.readDir(dirname(path))) {
      current ||= entry.name === name;
      const rest = entry.name.slice(name.length + 1);
      if (entry.name.startsWith(`${name}.`) && rest.length === DIGITS && /^\d+$/.test(rest)) {
        full.push(join(dirname(path), entry.name));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return [...full.sort(), ...current ? [path] : []];
}

/** Bytes of an anchor: it is written over in place, so it must not change its length. */
const HEAD_LENGTH = 128;

/** The text of an anchor. */
export function renderHead({ seq, hash }: Link): string {
  return JSON.stringify({ seq, hash }).padEnd(HEAD_LENGTH - 1) + "\n";
}

/** The newest entry that is known to have been written; `undefined` where there is no anchor, `null` where it is damaged. */
export async function readHead(path: string): Promise<Link | null | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(headPath(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    const { seq, hash } = JSON.parse(text);
    if (Number.isSafeInteger(seq) && seq >= 0 && /^[0-9a-f]{64}$/.test(hash)) return { seq, hash };
  } catch {
    // Something else stands there.
  }
  return null;
}
