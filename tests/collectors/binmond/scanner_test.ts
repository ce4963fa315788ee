import { assertEquals } from "@std/assert";

Deno.test({
  name: "createScanner() keeps its process for the next question, but none that was given much",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", new URL("scanner_process.ts", import.meta.url).pathname],
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout).trim().split("\n"),
    ["needle true", "needle true", "needle true", "needle false"],
    new TextDecoder().decode(stderr),
  );
});
