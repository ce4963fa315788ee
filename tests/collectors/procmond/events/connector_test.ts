import { assert, assertEquals } from "@std/assert";
import { openConnector } from "../../../../collectors/procmond/events/connector.ts";
import { createReader } from "../../../../collectors/procmond/events/connector.ts";
import type { Happening } from "../../../../collectors/procmond/events/happening.ts";
import { openProcFiles } from "../../../../collectors/proc/files.ts";
import { isLinux, testWith } from "../../support.ts";

const COMMON = { cpu: 0, seq: 0, at: 0 };
const exit = (tid: number, pid: number, status: number) =>
  ({ ...COMMON, event: "exit", tid, pid, status }) as const;

Deno.test("createReader() tells the end of a process, not of its threads", async () => {
  const root = await Deno.makeTempDir();
  const threads = (count: number, state = "Z", flags = 0x4) => {
    const fields = [`7 (sh) ${state} 5 1 1 1 1 ${flags}`, ...new Array(10).fill(1), count]
      .concat(new Array(10).fill(1));
    Deno.mkdirSync(`${root}/7`, { recursive: true });
    Deno.writeTextFileSync(`${root}/7/stat`, `${fields.join(" ")}\n`);
  };
  const read = createReader(openProcFiles(root));
  threads(3);
  assertEquals(read({ ...COMMON, event: "fork", parent: 5, tid: 8, pid: 7 }), undefined);
  assertEquals(read({ ...COMMON, event: "fork", parent: 5, tid: 7, pid: 7 }), {
    type: "fork",
    pid: 7,
    ppid: 5,
  });
  assertEquals(read(exit(8, 7, 0)), undefined, "a thread");
  assertEquals(read(exit(7, 7, 0x300)), undefined, "the first one, while others run");
  threads(2);
  assertEquals(read(exit(9, 7, 0x300)), undefined);
  threads(1);
  assertEquals(read(exit(10, 7, 0)), { type: "exit", pid: 7, code: 3 });

  // A thread runs another program: all others end, and it becomes the first one.
  const exec = { ...COMMON, event: "exec", tid: 7, pid: 7 } as const;
  threads(1, "S", 0);
  assertEquals(read(exit(7, 7, 0)), undefined, "it is read when the other has taken its place");
  threads(2);
  assertEquals(read(exit(7, 7, 0)), undefined, "it is read before");
  assertEquals(read(exec), { type: "exec", pid: 7 });
  threads(1);
  assertEquals(read(exit(12, 7, 0)), undefined, "a thread of the other program");
  assertEquals(read(exit(7, 7, 0x400)), { type: "exit", pid: 7, code: 4 });
  await Deno.remove(root, { recursive: true });
  assertEquals(read(exit(11, 11, 0x8b)), { type: "exit", pid: 11, code: 139 });
});

/** Opens the process connector, or says why it cannot be had. */
function connector() {
  const losses: number[] = [];
  try {
    const source = openConnector("libc.so.6", openProcFiles("/proc"), {
      dropped: (count) => losses.push(count),
    });
    return { source, losses };
  } catch (error) {
    return { reason: String(error) };
  }
}

const { source, reason } = isLinux ? connector() : { source: undefined, reason: "not Linux" };
source?.close();

testWith(
  { [`the process connector (${reason ?? "it is there"})`]: reason === undefined },
  "openConnector() tells what happens to processes",
  async () => {
    const { source, losses } = connector();
    const happenings: Happening[] = [];
    const shell = new Deno.Command("sh", { args: ["-c", "/bin/true; exit 7"] }).spawn();
    const isOver = () => happenings.some(({ type, pid }) => type === "exit" && pid === shell.pid);
    while (!isOver()) happenings.push(...await source!.next());
    await shell.status;
    source!.close();
    assertEquals(losses, []);
    const own = happenings.filter(({ pid }) => pid === shell.pid);
    assertEquals(own.map(({ type }) => type), ["fork", "exec", "exit"]);
    const [began, , ended] = own;
    assert(began!.type === "fork" && began!.ppid === Deno.pid);
    assert(ended!.type === "exit" && ended!.code === 7);
    for (const { time } of own) assert(Math.abs(time - Date.now()) < 10_000);
    const child = happenings.find((one) => one.type === "fork" && one.ppid === shell.pid);
    assert(child, "the child of the shell");
  },
);
