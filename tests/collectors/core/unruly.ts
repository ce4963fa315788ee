// A collector that misbehaves as its URL says; handle_test.ts starts it.
const way = new URL(import.meta.url).searchParams.get("way");
const encoder = new TextEncoder();

function say(message: unknown): void {
  const bytes = encoder.encode(
    typeof message === "string" ? message : JSON.stringify(message) + "\n",
  );
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

const hello = {
  type: "hello",
  protocol: way === "old protocol" ? 0 : 1,
  name: way === "other name" ? "other" : "unruly",
  deno: Deno.version.deno,
  platform: "linux",
  tables: ["things"],
};
if (way === "dies at once") {
  console.error("cannot \x1b[31mbegin");
  Deno.exit(3);
}
if (way === "silent") await new Promise((resolve) => setTimeout(resolve, 60_000));
say(way === "no hello" ? "hello!\n" : hello);

let seq_no = 0;
function batch(task: number, name: unknown, extra: Record<string, unknown> = {}): void {
  say({
    type: "batch",
    task,
    seq_no: seq_no++,
    batch: { table: "things", columns: ["name"], values: [[name]], rows: 1, gaps: [] },
    ...extra,
  });
}

for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  for (const line of chunk.split("\n").filter(Boolean)) {
    const message = JSON.parse(line);
    if (message.type === "shutdown") Deno.exit(0);
    const task: number = message.id;
    seq_no = 0;
    const done = (rows: number) =>
      say({ type: "done", task, outcome: { status: "complete" }, counters: { rows } });
    switch (way) {
      case "well":
        batch(task, "a");
        batch(task, "b");
        done(2);
        break;
      case "dies":
        batch(task, "a");
        Deno.exit(7);
        break;
      case "hangs":
        batch(task, "a");
        break;
      case "one broken":
        batch(task, "a");
        say("}{\n");
        batch(task, "b");
        done(2);
        break;
      case "wrong value":
        batch(task, "a");
        batch(task, 42);
        done(2);
        break;
      case "three broken":
        batch(task, "a");
        say("}{\n}{\n}{\n");
        batch(task, "b");
        break;
      case "too long":
        say('{"x":"' + "x".repeat(17 * 2 ** 20) + '"}\n');
        batch(task, "a");
        done(1);
        break;
      case "loses one":
        batch(task, "a");
        seq_no++;
        batch(task, "c");
        done(3);
        break;
      case "other task":
        batch(task + 1, "a");
        done(1);
        break;
      case "error":
        batch(task, "a");
        say({ type: "error", task, message: "no \x1b[2J such thing" });
        break;
      case "endless":
        while (true) batch(task, "x".repeat(1000));
    }
  }
}
