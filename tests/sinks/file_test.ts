import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { createFileSink } from "../../sinks/file.ts";
import { SinkError } from "../../sinks/mod.ts";
import { alertOf, ATTACKS, optionsOf, temporaryFolder } from "./support.ts";

const ids = async (path: string) =>
  (await Deno.readTextFile(path)).trimEnd().split("\n").filter(Boolean)
    .map((line) => JSON.parse(line).id).join("");

const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;

Deno.test("a file sink appends a JSON object a line, for its owner alone", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  for (const fsync of ["always", "interval", "never"]) {
    await using sink = createFileSink(optionsOf({ type: "file", path, fsync }));
    assertEquals(await sink.healthCheck(), { healthy: true });
    for (const title of ATTACKS) {
      await sink.send(alertOf({ title, alert_data: { [title]: title } }));
    }
  }
  if (Deno.build.os !== "windows") assertEquals(await mode(path), 0o600);
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line).title), [...ATTACKS, ...ATTACKS, ...ATTACKS]);
});

Deno.test("a file sink rotates by size, and keeps so many files", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const length = JSON.stringify(alertOf({ id: "1" })).length + 1;
  const max_size = `${2 * length}B`;
  await using sink = createFileSink(optionsOf({ type: "file", path, max_size, keep: 2 }));
  for (const id of "123456789") await sink.send(alertOf({ id }));
  assertEquals(await ids(path), "9");
  assertEquals(await ids(`${path}.1`), "78");
  assertEquals(await ids(`${path}.2`), "56");
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assertEquals(names.length, 3);
  await using none = createFileSink(optionsOf({ type: "file", path, max_size: "1B", keep: 0 }));
  await none.send(alertOf({ id: "a" }));
  assertEquals(
    await ids(path),
    "a",
    "an alert longer than the file may be is written all the same",
  );
});

Deno.test("a file sink rotates by age, and goes on where somebody has moved the file", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  await using sink = createFileSink(optionsOf({ type: "file", path, max_age: "1ms" }));
  await sink.send(alertOf({ id: "1" }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await sink.send(alertOf({ id: "2" }));
  assertEquals([await ids(path), await ids(`${path}.1`)], ["2", "1"]);
  await using other = createFileSink(optionsOf({ type: "file", path }));
  await other.send(alertOf({ id: "3" }));
  await Deno.rename(path, `${path}.moved`);
  await other.send(alertOf({ id: "4" }));
  assertEquals([await ids(path), await ids(`${path}.moved`)], ["4", "23"]);
});

Deno.test("a file sink mends what a crash has torn, at any byte", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const whole = JSON.stringify(alertOf({ id: "1", title: "ä".repeat(70_000) })) + "\n";
  const last = JSON.stringify(alertOf({ id: "2", title: "ü🦊" })) + "\n";
  const bytes = new TextEncoder().encode(last);
  for (const start of ["", whole]) {
    for (let cut = 0; cut <= bytes.length; cut += cut < bytes.length - 8 ? 7 : 1) {
      await Deno.writeTextFile(path, start);
      await Deno.writeFile(path, bytes.subarray(0, cut), { append: true });
      await using sink = createFileSink(optionsOf({ type: "file", path }));
      await sink.send(alertOf({ id: "3" }));
      const complete = cut >= bytes.length - 1;
      assertEquals(await ids(path), `${start && "1"}${complete ? "2" : ""}3`, `cut at ${cut}`);
    }
  }
  await Deno.writeTextFile(path, "the notes of somebody");
  await using sink = createFileSink(optionsOf({ type: "file", path }));
  await sink.send(alertOf({ id: "3" }));
  assert((await Deno.readTextFile(path)).startsWith("the notes of somebody\n{"));
});

Deno.test("a file sink that is asked how it is leaves a line that is being written alone", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const begun = JSON.stringify(alertOf({ id: "1" })).slice(0, 50);
  await Deno.writeTextFile(path, begun);
  await using sink = createFileSink(optionsOf({ type: "file", path }));
  assertEquals(await sink.healthCheck(), { healthy: true });
  assertEquals(await Deno.readTextFile(path), begun);
});

Deno.test("a file sink says why it cannot write, and recovers", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "no", "alerts.jsonl");
  await using sink = createFileSink(optionsOf({ type: "file", path }));
  const error = await assertRejects(() => sink.send(alertOf()), SinkError);
  assertEquals(error.fault, "unavailable");
  assertEquals((await sink.healthCheck()).healthy, false);
  await Deno.mkdir(join(folder.path, "no"));
  await sink.send(alertOf({ id: "1" }));
  assertEquals(await ids(path), "1");
});

Deno.test({
  name: "a file sink follows no link, and leaves no torn line on a full disk",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  const victim = join(folder.path, "victim");
  await Deno.writeTextFile(victim, "");
  await Deno.symlink(victim, path);
  await using sink = createFileSink(optionsOf({ type: "file", path }));
  await assertRejects(() => sink.send(alertOf()), SinkError, "no regular file");
  assertEquals(await Deno.readTextFile(victim), "");

  // A limit on the size of files fails in the middle of a line, as a full disk does.
  const script = `
    import { createFileSink } from ${JSON.stringify(import.meta.resolve("../../sinks/file.ts"))};
    const options = JSON.parse(Deno.args[0]!);
    const sink = createFileSink(options);
    let failures = 0;
    for (let at = 0; at < 20; at++) await sink.send(JSON.parse(Deno.args[1]!)).catch(() => failures++);
    console.log(failures);`;
  await Deno.remove(path);
  const module = join(folder.path, "main.ts");
  await Deno.writeTextFile(module, script);
  const alert = JSON.stringify(alertOf({ id: "1", title: "x".repeat(300) }));
  const options = JSON.stringify(optionsOf({ type: "file", path }));
  // deno-fmt-ignore
  const args = [
    "-c", `trap "" XFSZ; exec prlimit --fsize=4096 -- "$@"`, "sh",
    Deno.execPath(), "run", "-q", "-A", "--no-check", "--no-code-cache", module, options, alert,
  ];
  const { stdout, stderr } = await new Deno.Command("sh", { args }).output();
  const failures = Number(new TextDecoder().decode(stdout));
  assert(failures > 0 && failures < 20, new TextDecoder().decode(stderr));
  assertEquals((await ids(path)).length, 20 - failures);
});
