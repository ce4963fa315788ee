import { assertEquals } from "@std/assert";
import { createPost } from "../../../engine/delivery/post.ts";
import { SinkError } from "../../../sinks/mod.ts";
import { alertOf } from "../../sinks/support.ts";

const alert = (id: string) => new TextEncoder().encode(JSON.stringify(alertOf({ id })));

Deno.test("createPost() gives a stuck sink no other alert until it has come back", async () => {
  const seen: string[] = [];
  let free = () => {};
  const post = createPost({
    name: "stuck",
    send: ({ id }) => {
      seen.push(id);
      return id === "a" ? new Promise<void>((resolve) => free = resolve) : Promise.resolve();
    },
    healthCheck: () => new Promise(() => {}),
  }, 50);
  const first = await post.send(alert("a"));
  assertEquals(first.status === "failed" && first.reason, "there was no answer within 50 ms");
  const second = await post.send(alert("b"));
  assertEquals(second.status === "failed" && second.reason, "it is stuck with an earlier alert");
  assertEquals((await post.check()).status, "failed");
  free();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(await post.send(alert("c")), { status: "ok" });
  assertEquals(seen, ["a", "c"]);
});

Deno.test("createPost() tells what sinks say, and nothing of other errors", async () => {
  const failing = (error: Error) =>
    createPost({
      name: "failing",
      send: () => Promise.reject(error),
      healthCheck: () => Promise.resolve({ healthy: false, reason: "no" }),
    }, 1_000);
  assertEquals(await failing(new SinkError("refused", "too odd", 7)).send(alert("a")), {
    status: "failed",
    fault: "refused",
    reason: "too odd",
    retryAfter: 7,
  });
  assertEquals(await failing(new TypeError("a secret")).send(alert("a")), {
    status: "failed",
    fault: "unavailable",
    reason: "it failed in an unexpected way",
  });
  const health = await failing(new Error()).check();
  assertEquals(health.status === "failed" && health.reason, "no");
  const broken = await failing(new Error()).send(new Uint8Array([1]));
  assertEquals(broken.status, "failed");
});
