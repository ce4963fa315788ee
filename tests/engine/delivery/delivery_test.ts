import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { sinkList } from "../../../sinks/mod.ts";
import { StoreError } from "../../../store/mod.ts";
import { temporaryFolder } from "../../sinks/support.ts";
import { freePort, until } from "../../sinks/syslog/rsyslog.ts";
import { startServer } from "../../sinks/webhook/server.ts";
import { commit, open, openMemory } from "./support.ts";

const hook = (url: string, more = {}) => ({ type: "webhook" as const, url, ...more });
const idsOf = (seen: readonly { readonly body: string }[]) =>
  seen.map(({ body }) => JSON.parse(body).id);

Deno.test("openDelivery() tells every sink of every alert that it wants, in order", async () => {
  await using folder = await temporaryFolder();
  await using server = startServer(() => new Response());
  using store = await openMemory();
  let out = "";
  const path = join(folder.path, "alerts.jsonl");
  await using delivery = await open(store, [
    { type: "stdout" },
    { type: "file", path },
    hook(server.url, { min_severity: "high" }),
  ], { write: (text) => out += text });
  const ids = Array.from({ length: 40 }, (_, at) => `a${at}`);
  await commit(delivery.store, ids.slice(0, 20));
  await commit(delivery.store, ids.slice(20), { severity: "medium" });
  assert(await delivery.drain(30_000));
  const lines = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line).id);
  assertEquals(lines(out), ids);
  assertEquals(lines(await Deno.readTextFile(path)), ids);
  assertEquals(idsOf(server.seen), ids.slice(0, 20));
  const status = await delivery.status();
  assertEquals(status.map(({ sink, waiting, dead, breaker }) => [sink, waiting, dead, breaker]), [
    ["stdout", 0, 0, "closed"],
    ["file", 0, 0, "closed"],
    ["webhook", 0, 0, "closed"],
  ]);
  assertEquals((await delivery.check()).map(({ healthy }) => healthy), [true, true, true]);
});

Deno.test("a sink that is down delays no other, and gets everything in order when it is back", async () => {
  let up = false;
  await using server = startServer(() => new Response(null, { status: up ? 200 : 503 }));
  await using other = startServer(() => new Response());
  using store = await openMemory();
  const problems: string[] = [];
  await using delivery = await open(store, [
    hook(server.url, { name: "down" }),
    hook(other.url, { name: "up" }),
    hook(`http://127.0.0.1:${freePort()}`, { name: "gone", timeout: "500ms" }),
  ], { onProblem: (problem) => problems.push(problem) });
  const ids = Array.from({ length: 10 }, (_, at) => `a${at}`);
  await commit(delivery.store, ids);
  await until(() => Promise.resolve(other.seen.length === 10));
  await until(() => Promise.resolve(problems.length >= 2));
  const down = (await delivery.status()).find(({ sink }) => sink === "down")!;
  assertEquals([down.waiting, down.dead], [10, 0], "an unavailable sink makes no dead letters");
  assert(down.breaker !== "closed");
  assertMatch(down.last_error!, /503/);
  assertMatch(problems.join("\n"), /sink down is down, its alerts wait: .*503/);
  const tried = server.seen.length;
  assert(tried >= 5 && new Set(idsOf(server.seen)).size === 1, "only the first was tried");
  up = true;
  await until(async () => (await delivery.status())[0]!.waiting === 0);
  const arrived = idsOf(server.seen).slice(tried);
  assertEquals([...new Set(arrived)], ids);
  assert(problems.includes("sink down is back"));
});

Deno.test("an alert that a sink refuses becomes a dead letter, which can be tried again", async () => {
  let takes = false;
  await using server = startServer(({ body }) =>
    new Response("too odd", { status: !takes && JSON.parse(body).id === "odd" ? 422 : 200 })
  );
  using store = await openMemory();
  const problems: string[] = [];
  await using delivery = await open(store, [hook(server.url, { attempts: 3 })], {
    onProblem: (problem) => problems.push(problem),
  });
  await commit(delivery.store, ["a", "odd", "b"]);
  assert(await delivery.drain(30_000));
  assertEquals(idsOf(server.seen), ["a", "odd", "odd", "odd", "b"]);
  const [letter] = await Array.fromAsync(store.deadLetters());
  assertEquals([letter!.alert_id, letter!.attempts, letter!.sink], ["odd", 3, "webhook"]);
  assertMatch(letter!.reason, /422: too odd/);
  assertMatch(problems.join("\n"), /did not take the alert odd/);
  takes = true;
  assertEquals(await delivery.store.retryDeadLetters(), 1);
  assert(await delivery.drain(30_000));
  assertEquals(idsOf(server.seen).at(-1), "odd");
  assertEquals(await Array.fromAsync(store.deadLetters()), []);
});

Deno.test("an alert that nobody could be told of for too long becomes a dead letter", async () => {
  using store = await openMemory();
  const url = `http://127.0.0.1:${freePort()}`;
  await using delivery = await open(store, [hook(url, { attempts: 2, give_up_after: "1ms" })]);
  await commit(delivery.store, ["a"]);
  assert(await delivery.drain(30_000));
  const [letter] = await Array.fromAsync(store.deadLetters());
  assertMatch(letter!.reason, /refused/);
});

Deno.test("what waits for a sink that is configured no more is kept and told, and delivered when it is again", async () => {
  await using server = startServer(() => new Response());
  using store = await openMemory();
  {
    await using delivery = await open(store, [
      hook(`http://127.0.0.1:${freePort()}`, { name: "old" }),
    ]);
    await commit(delivery.store, ["a", "b"]);
  }
  const problems: string[] = [];
  await using delivery = await open(store, [], { onProblem: (problem) => problems.push(problem) });
  assertMatch(problems.join(), /2 alerts wait for the sink old, which is not configured/);
  assertEquals(
    (await delivery.status()).map(({ sink, configured, waiting }) => [sink, configured, waiting]),
    [
      ["old", false, 2],
    ],
  );
  await delivery.configure(sinkList.parse([hook(server.url, { name: "old" })]));
  assert(await delivery.drain(30_000));
  assertEquals(idsOf(server.seen), ["a", "b"]);
});

Deno.test("alerts that the store does not take are delivered all the same", async () => {
  await using server = startServer(() => new Response());
  using store = await openMemory();
  const full = {
    ...store,
    commitHits: () => Promise.reject(new StoreError("full", "the disk is full")),
  };
  await using delivery = await open(full, [hook(server.url)]);
  await assertRejects(() => commit(delivery.store, ["a", "b"]), StoreError);
  assert(await delivery.drain(30_000));
  assertEquals(idsOf(server.seen), ["a", "b"]);
});

Deno.test("Delivery.check() asks those that took the place of sinks that had not answered yet", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const hanging = Promise.withResolvers<Response>();
  await using server = startServer(() => hanging.promise);
  using store = await openMemory();
  await using delivery = await open(store, [hook(server.url)]);
  const checking = delivery.check();
  await until(() => Promise.resolve(server.seen.length === 1));
  await delivery.configure(sinkList.parse([{ type: "file", path }]));
  assertEquals(await checking, [{ sink: "file", healthy: true }]);
  hanging.resolve(new Response());
});
