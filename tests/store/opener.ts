/**
 * Says `ready`, makes the store at `Deno.args[0]`, and waits to be killed.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { openToWrite } from "./fixtures.ts";

console.log("ready");
const store = await openToWrite(Deno.args[0]!);
await delay(60_000);
store.close();
