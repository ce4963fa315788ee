import { assertEquals } from "@std/assert";
import { processes } from "../../profiles/processes.ts";
import type { Row } from "../../schema/row.ts";
import type { PROFILES } from "../../profiles/mod.ts";
import type { TABLE } from "./table.ts";

// What is held here is held by the type checker: a line marked as an error that is none fails the check of this file.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
const holds = <T extends true>(value: T): T => value;

type Thing = Row<typeof TABLE, "linux">;

const thing: Thing = {
  pid: 1,
  name: "a",
  state: null,
  size: 2n ** 60n,
  share: 0.5,
  active: true,
  seen: 0,
  tags: "[]",
  cgroup: null,
  score: 3,
  process_key: null,
  platform_data: null,
};

Deno.test("Row takes null for optional and costly columns and bigint for integers", () => {
  assertEquals(thing.size, 2n ** 60n);
  holds<Equal<Thing["size"], number | bigint | null>>(true);
  holds<Equal<Thing["score"], number | bigint | null>>(true);
  holds<Equal<Thing["pid"], number | bigint>>(true);
  holds<Equal<Thing["name"], string>>(true);
  holds<Equal<Thing["seen"], number | null>>(true);
  holds<Equal<Thing["tags"], string | null>>(true);
});

Deno.test("Row refuses a row that lacks a column, has a stranger or a wrong type", () => {
  const { name: _name, ...nameless } = thing;
  // @ts-expect-error a required column is missing
  const missing: Thing = nameless;
  const { state: _state, ...stateless } = thing;
  // @ts-expect-error an optional column is NULL, never absent
  const absent: Thing = stateless;
  // @ts-expect-error a required column is never NULL
  const nulled: Thing = { ...thing, name: null };
  // @ts-expect-error text is no number
  const text: Thing = { ...thing, size: "12" };
  // @ts-expect-error no such column
  const stranger: Thing = { ...thing, nmae: "a" };
  // @ts-expect-error the store fills it, no collector does
  const stored: Thing = { ...thing, scan_id: 1 };
  // @ts-expect-error a row is not changed once it is made
  thing.name = "b";
  assertEquals([missing, absent, nulled, text, stranger, stored].length, 6);
});

Deno.test("Row has a platform's columns on that platform only", () => {
  holds<Equal<"cgroup" extends keyof Row<typeof TABLE, "windows"> ? true : false, false>>(true);
  holds<Equal<"score" extends keyof Row<typeof TABLE, "macos"> ? true : false, false>>(true);
  holds<Equal<Row<typeof TABLE, "windows">["score"], number | bigint>>(true);
  // The core meaning wins over a platform that repeats the name.
  holds<Equal<Row<typeof TABLE, "windows">["size"], number | bigint | null>>(true);
});

Deno.test("Row of processes has what its collector must supply", () => {
  type Process<P extends "linux" | "macos" | "windows"> = Row<typeof processes, P>;
  holds<Equal<Process<"linux">["cgroup"], string | null>>(true);
  holds<Equal<Process<"linux">["name"], string>>(true);
  holds<Equal<Process<"linux">["memory_rss"], number | bigint>>(true);
  holds<Equal<Process<"linux">["process_key"], string | null>>(true);
  holds<Equal<"smaps" extends keyof Process<"macos"> ? true : false, false>>(true);
  holds<Equal<Process<"macos">["sandboxed"], boolean | null>>(true);
  holds<Equal<Process<"windows">["uac_elevated"], boolean | null>>(true);
});

Deno.test("Row of a table without a pid has no process key", () => {
  type Named<N extends string> = Extract<(typeof PROFILES)[number], { readonly name: N }>;
  type User = Row<Named<"users">, "linux">;
  holds<Equal<"process_key" extends keyof User ? true : false, false>>(true);
  holds<Equal<User["user_name"], string>>(true);
});
