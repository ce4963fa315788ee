import { assertEquals } from "@std/assert";
import type { Told } from "../../../../collectors/procmond/events/happening.ts";
import { createTasks } from "../../../../collectors/procmond/events/tasks.ts";
import type { TraceEvent } from "../../../../collectors/procmond/events/trace_record.ts";

const THREAD = 0x3d0f00;
const VFORK = 0x4100;

/** Takes what tasks do, one after the other, each after so many lost events; what each means. */
function play(
  events: readonly (readonly [tid: number, event: TraceEvent, lost?: number])[],
  threads?: Map<number, number>,
  hasEnded = () => false,
) {
  const tasks = createTasks(hasEnded, threads);
  return events.map(([tid, event, lost = 0]) => tasks.take({ ...event, tid, at: 0, lost }));
}

const newtask = (child: number, flags: number): TraceEvent => ({
  event: "newtask",
  child,
  comm: "sh",
  flags,
});
const exec = (filename = "/bin/ls", old = 5): TraceEvent => ({ event: "exec", filename, old });
const exit = (last?: boolean): TraceEvent => ({ event: "exit", comm: "ls", last });
const execve = (succeeded = true): TraceEvent => ({ event: "execve", succeeded });
const exitGroup = (status: number): TraceEvent => ({ event: "exit_group", status });
const signal = (signal: number): TraceEvent => ({ event: "signal", signal });

Deno.test("take() tells a process from a thread, and who made it", () => {
  const told = play([
    [1, newtask(5, VFORK)],
    [5, newtask(6, THREAD)],
    // A thread makes a process: its process is the parent.
    [6, newtask(7, VFORK)],
    // The parent of who makes it becomes its parent, too.
    [6, newtask(8, 0x8000)],
  ]);
  assertEquals(told, [
    { type: "fork", pid: 5, ppid: 1, name: "sh" },
    undefined,
    { type: "fork", pid: 7, ppid: 5, name: "sh" },
    { type: "fork", pid: 8, name: "sh" },
  ]);
});

Deno.test("take() tells the end of a process, not of its threads, and how it ended", () => {
  const told = play([
    [5, newtask(6, THREAD)],
    [6, exitGroup(3)],
    // The kernel ends the other threads by signals.
    [5, signal(9)],
    [5, exit(false)],
    [6, exit(true)],
    [7, signal(11)],
    [7, exit(true)],
    [8, signal(19)],
    [8, exit(true)],
  ]);
  assertEquals(told.filter((one) => one !== undefined), [
    { type: "exit", pid: 5, name: "ls", code: 3 },
    { type: "exit", pid: 7, name: "ls", code: 139 },
    { type: "exit", pid: 8, name: "ls" },
  ]);
});

Deno.test("take() tells an end once all threads have ended where the kernel does not say", () => {
  const told = play(
    [[5, newtask(6, THREAD)], [6, exit()], [9, exit()], [5, exit()]],
    new Map([[9, 5]]),
  );
  assertEquals(told, [undefined, undefined, undefined, { type: "exit", pid: 5, name: "ls" }]);

  // The first thread ends, and others run on.
  const headless = play([
    [5, newtask(6, THREAD)],
    [5, exit()],
    [6, newtask(7, THREAD)],
    [6, exitGroup(3)],
    [6, exit()],
    [7, exit()],
    // Another process has got the id.
    [1, newtask(5, VFORK)],
    [5, newtask(6, THREAD)],
    [6, exit()],
  ]);
  assertEquals(headless.filter((one) => one !== undefined), [
    { type: "exit", pid: 5, name: "ls", code: 3 },
    { type: "fork", pid: 5, ppid: 1, name: "sh" },
  ]);
});

Deno.test("take() asks the process tree about threads whose ends may have been lost", () => {
  const end = { type: "exit", pid: 5, name: "ls" } as const;
  const threads = () => new Map([[6, 5]]);
  assertEquals(play([[5, exit()]], threads(), () => true), [undefined]);
  assertEquals(play([[5, exit(), 1]], threads(), () => false), [undefined]);
  assertEquals(play([[5, exit(), 1], [6, exit()]], threads(), () => true), [end, undefined]);
});

Deno.test("take() tells an exec once, also one whose name the kernel could not tell", () => {
  const told = play([
    [5, exec()],
    [5, execve()],
    [5, execve(false)],
    [5, execve()],
    [6, exec("/bin/a")],
    [6, exec("/bin/b")],
  ]);
  assertEquals(told, [
    { type: "exec", pid: 5, filename: "/bin/ls" },
    undefined,
    undefined,
    { type: "exec", pid: 5 },
    { type: "exec", pid: 6, filename: "/bin/a" },
    { type: "exec", pid: 6, filename: "/bin/b" },
  ]);
});

Deno.test("take() knows that a thread that runs a program becomes the process", () => {
  const told = play([
    [5, newtask(6, THREAD)],
    // All other threads end, among them the first one, whose id the thread gets.
    [5, signal(9)],
    [5, exit(false)],
    [5, exec("/bin/ls", 6)],
    [5, execve()],
    [5, newtask(7, THREAD)],
    [7, exit(false)],
    [5, exitGroup(0)],
    [5, exit(true)],
  ]);
  const ran: Told[] = [
    { type: "exec", pid: 5, filename: "/bin/ls" },
    { type: "exit", pid: 5, name: "ls", code: 0 },
  ];
  assertEquals(told.filter((one) => one !== undefined), ran);
  const untold = play([
    [5, newtask(6, THREAD)],
    [5, exit()],
    [5, exec("/bin/ls", 6)],
    [5, newtask(7, THREAD)],
    [7, exit()],
    [5, exitGroup(0)],
    [5, exit()],
  ]);
  assertEquals(untold.filter((one) => one !== undefined), ran, "where the kernel does not say");
});
