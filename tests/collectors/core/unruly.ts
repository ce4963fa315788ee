// A collector that misbehaves as its URL says; handle_test.ts and drops_test.ts start it.
import { frame } from "../../../collectors/core/frame.ts";
import { PROTOCOL } from "../../../collectors/core/messages.ts";

const { searchParams } = new URL(import.meta.url);
const way = searchParams.get("way");
const table = searchParams.get("table") ?? "things";
const encoder = new TextEncoder();

function say(message: string | object): void {
  const bytes = typeof message === "string" ? encoder.encode(message) : frame(message);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

const hello = {
  type: "hello",
  protocol: way === "old protocol" ? 0 : PROTOCOL,
  name: way === "other name" ? "other" : "unruly",
  deno: Deno.version.deno,
  platform: "linux",
  tables: [
    {
      name: table,
      watch: true,
      ...(way === "other columns" && { columns: ["name", "colour"] }),
    },
  ],
  pushdown: way === "echo" ? ["and", "="] : [],
  granted: way === "too free" ? ["net"] : [],
};
if (way === "dies at once") {
  console.error("cannot \x1b[31mbegin");
  Deno.exit(3);
}
if (way === "silent") await new Promise((resolve) => setTimeout(resolve, 60_000));
if (way === "late") await new Promise((resolve) => setTimeout(resolve, 5000));
say(way === "no hello" ? "hello!\n" : hello);

let seq_no = 0;
function batch(task: number, name: unknown, extra: Record<string, unknown> = {}): void {
  say({
    type: "batch",
    task,
    seq_no: seq_no++,
    batch: { table, columns: ["name"], values: [[name]], rows: 1, gaps: [] },
    ...extra,
  });
}

for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  for (const line of chunk.split("\n").filter(Boolean)) {
    const message = JSON.parse(line);
    if (message.type === "shutdown") Deno.exit(0);
    if (message.type !== "task") continue;
    const task: number = message.id;
    seq_no = 0;
    const done = (rows: number, dropped = 0) =>
      say({
        type: "done",
        task,
        outcome: { status: "complete" },
        counters: { rows, dropped, acknowledged: 0 },
      });
    switch (way) {
      case "well":
      case "late":
        batch(task, "a");
        batch(task, "b");
        done(2);
        break;
      case "echo":
        batch(task, JSON.stringify([message.where ?? null, message.limit ?? null]));
        done(1);
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
      case "wrong packing":
        batch(task, "a");
        say({
          type: "batch",
          task,
          seq_no: seq_no++,
          batch: { table, columns: ["name"], values: [{ of: ["b"] }], rows: 1e9, gaps: [] },
        });
        done(1e9 + 1);
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
      case "wrong columns":
        say({
          type: "batch",
          task,
          seq_no: seq_no++,
          batch: { table, columns: ["colour"], values: [["a"]], rows: 1, gaps: [] },
        });
        done(1);
        break;
      case "changed":
        say(
          new TextDecoder().decode(frame({
            type: "batch",
            task,
            seq_no: seq_no++,
            batch: { table, columns: ["name"], values: [["a"]], rows: 1, gaps: [] },
          })).replace('"a"', '"b"'),
        );
        done(1);
        break;
      case "ahead":
        for (let count = 0; count < 6; count++) batch(task, `${count}`);
        done(6);
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
