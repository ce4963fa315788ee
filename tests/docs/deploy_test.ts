import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

Deno.test({
  name: "the wrapper of docs/deploy.md runs commands from any folder, with what they may do",
  ignore: Deno.build.os === "windows",
}, async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "deploy.md"));
  const [, wrapper = ""] = page.match(/<<'END' >\/dev\/null\n([^]*?)\nEND\n/) ?? [];
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout));
  const here = wrapper.replaceAll("/opt/daemoneye/cache", denoDir)
    .replaceAll("/opt/daemoneye", ROOT).replace("exec deno", `exec ${Deno.execPath()}`);
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", here, "daemoneye", ...words],
      cwd: "/",
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "", here);
    assertEquals(code, 0);
    return new TextDecoder().decode(stdout);
  };
  assertMatch(await run("--version"), /^daemoneye \d/);
  assertMatch(await run("query", "SELECT count(*) AS n FROM processes"), /^n\n\d+\n/);
});
