import { assertEquals, assertStringIncludes } from "@std/assert";
import { answer, type Answers } from "../../../engine/health/server.ts";

const ANSWERS: Answers = {
  alive: true,
  health: { status: "ok", problems: [] },
  metrics: "daemoneye_scans_total 1\n",
};

const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(`http://127.0.0.1:9464${path}`, { headers });

Deno.test("answer() gives health and metrics, and nothing else", async () => {
  const health = answer(get("/health"), undefined, ANSWERS, 1_000);
  assertEquals(health.status, 200);
  assertEquals(await health.json(), { status: "ok", problems: [], silent_seconds: 1 });
  const metrics = await answer(get("/metrics"), undefined, ANSWERS, 0).text();
  assertStringIncludes(metrics, "daemoneye_up 1\ndaemoneye_scans_total 1\n");
  assertEquals(answer(get("/"), undefined, ANSWERS, 0).status, 404);
  const post = new Request("http://127.0.0.1/metrics", { method: "POST" });
  assertEquals(answer(post, undefined, ANSWERS, 0).status, 405);
});

Deno.test("answer() wants the token, whatever is asked for", () => {
  const status = (authorization?: string) =>
    answer(get("/health", authorization ? { authorization } : {}), "sesame", ANSWERS, 0).status;
  assertEquals(status(), 401);
  assertEquals(status("Bearer sesam"), 401);
  assertEquals(status("Bearer sesame2"), 401);
  assertEquals(status("Basic sesame"), 401);
  assertEquals(status("Bearer sesame"), 200);
  assertEquals(answer(get("/nothing"), "sesame", ANSWERS, 0).status, 401);
});

Deno.test("answer() says that an agent hangs, or has not begun", async () => {
  const silent = answer(get("/health"), undefined, ANSWERS, 61_000);
  assertEquals([silent.status, (await silent.json()).status], [503, "failing"]);
  assertEquals(answer(get("/health"), undefined, undefined, 0).status, 503);
  const metrics = await answer(get("/metrics"), undefined, ANSWERS, 61_000).text();
  assertStringIncludes(metrics, "daemoneye_up 0\n");
});
