import { assertEquals } from "@std/assert";
import { openProcFiles } from "../../../../collectors/proc/files.ts";
import type { Happening } from "../../../../collectors/procmond/events/happening.ts";
import { openPolling } from "../../../../collectors/procmond/events/polling.ts";
import { isLinux, run, testWith, textOf, until } from "../../support.ts";

function line(pid: number, name: string, ppid: number, ticks: number, layout: number): string {
  const fields = [
    ...[pid, `(${name})`, "S", ppid, 7, 7, 0, -1, 0, 0, 0, 0, 0, 20, 30, 0, 0, 20, 0, 1, 0, ticks],
    ...[4096, 9, 0, layout, 0, layout + 1, ...new Array(19).fill(0), layout + 2, 0, 0, 0, 0],
  ];
  return `${fields.join(" ")}\n`;
}

Deno.test("openPolling() tells what is different from look to look, and counts what it missed", async () => {
  const root = await Deno.makeTempDir();
  const write = (
    pid: number,
    ...rest: [name: string, ppid: number, ticks: number, layout: number]
  ) => {
    Deno.mkdirSync(`${root}/${pid}`, { recursive: true });
    Deno.writeTextFileSync(`${root}/${pid}/stat`, line(pid, ...rest));
  };
  const forks = (count: number) => Deno.writeTextFileSync(`${root}/stat`, `processes ${count}\n`);
  const losses: unknown[] = [];
  write(1, "init", 0, 1, 100);
  write(5, "sh", 1, 50, 200);
  write(6, "old", 1, 60, 300);
  forks(100);
  const polling = openPolling(
    openProcFiles(root),
    { dropped: (count) => losses.push(count) },
    { now: () => 7000, wait: () => Promise.resolve() },
  );
  const look = async () =>
    (await polling.next()).map(({ time, mark, ...happening }) => {
      assertEquals([time, mark], [7000, 7000]);
      return happening;
    });
  assertEquals(await look(), []);

  // A copy of its parent, one that runs something else, another program in the same process, another process under an id.
  write(7, "sh", 5, 70, 200);
  write(8, "ls", 5, 70, 400);
  write(5, "bash", 1, 50, 250);
  write(6, "new", 1, 99, 500);
  forks(103);
  assertEquals(await look(), [
    { type: "exec", pid: 5, name: "bash" },
    { type: "exit", pid: 6, name: "old" },
    { type: "fork", pid: 6, name: "new", ppid: 1 },
    { type: "exec", pid: 6, name: "new" },
    { type: "fork", pid: 7, name: "sh", ppid: 5 },
    { type: "exec", pid: 7, name: "sh" },
    { type: "fork", pid: 8, name: "ls", ppid: 5 },
    { type: "exec", pid: 8, name: "ls" },
  ]);
  assertEquals(losses, []);

  await Deno.remove(`${root}/8`, { recursive: true });
  forks(110);
  assertEquals(await look(), [{ type: "exit", pid: 8, name: "ls" }]);
  assertEquals(losses, [7]);
  polling.close();
  await Deno.remove(root, { recursive: true });
});

testWith({ Linux: isLinux }, "openPolling() sees processes of the host begin and end", async () => {
  const polling = openPolling(
    openProcFiles("/proc"),
    { dropped() {} },
    { wait: () => Promise.resolve() },
  );
  const of = (pid: number) => ({ type, ...more }: Happening) =>
    more.pid === pid ? [type === "fork" ? `fork by ${"ppid" in more && more.ppid}` : type] : [];
  const child = run("/bin/sleep", ["60"]);
  await until("it runs", () => /sleep|coreutils/.test(textOf(`/proc/${child.pid}/comm`)));
  assertEquals((await polling.next()).flatMap(of(child.pid)), [`fork by ${Deno.pid}`, "exec"]);
  assertEquals((await polling.next()).flatMap(of(child.pid)), []);
  await child[Symbol.asyncDispose]();
  assertEquals((await polling.next()).flatMap(of(child.pid)), ["exit"]);
});
