import { assertEquals } from "@std/assert";

/** Has Prometheus' own tool read metrics; says so where it is not installed. */
export async function promtool(metrics: string): Promise<void> {
  let tool: Deno.ChildProcess;
  try {
    tool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("skipped: promtool, of Debian's package prometheus, is not installed");
    return;
  }
  const writer = tool.stdin.getWriter();
  await writer.write(new TextEncoder().encode(metrics));
  await writer.close();
  const { code, stdout, stderr } = await tool.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([code, said], [0, ""]);
}
