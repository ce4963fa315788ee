import { DatabaseSync } from "node:sqlite";

/** The image of a database that a script makes. */
export function imageOf(script: string): Uint8Array<ArrayBuffer> {
  const db = new DatabaseSync(":memory:");
  db.exec(script);
  const bytes = db.serialize();
  db.close();
  return bytes as Uint8Array<ArrayBuffer>;
}
