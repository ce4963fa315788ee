import { assertEquals } from "@std/assert";
import { createHolders, type Found } from "../../../collectors/netmond/holders.ts";
import type { Rhythm } from "../../../collectors/netmond/rhythm.ts";
import { Failure } from "../../../collectors/proc/files.ts";
import { isLinux, testWith } from "../support.ts";
import { type FakeProc, fakeProc } from "./fake_proc.ts";

const needs = { Linux: isLinux };
const FOREVER = Infinity;

/** Looks at everything when it is told to. */
function manualRhythm(): Rhythm & { due: boolean } {
  return {
    due: true,
    isDue() {
      return this.due;
    },
    done() {
      this.due = false;
    },
  };
}

const options = ({ list }: FakeProc) => ({ whole: true, list, deadline: FOREVER });

const pidsOf = ({ holders }: Found) =>
  Object.fromEntries([...holders].map(([inode, holds]) => [inode, holds.map(({ pid }) => pid)]));

testWith(needs, "createHolders() finds every process that holds a socket, once each", async () => {
  await using proc = await fakeProc();
  proc.put(1, { fd: { 0: "/dev/null", 3: "socket:[10]", 4: "socket:[10]", 5: "pipe:[9]" } });
  proc.put(2, { fd: { 3: "socket:[10]", 7: "socket:[20]", 8: "anon_inode:[eventpoll]" } });
  proc.put(3, { fd: {} });
  const found = createHolders(proc.files).find(new Set([10, 20, 30]), proc.list(), options(proc));
  assertEquals(pidsOf(found), { 10: [1, 2], 20: [2] });
  assertEquals([found.denied, found.late], [false, false]);
});

testWith(needs, "createHolders() finds sockets behind a first thread that has ended", async () => {
  await using proc = await fakeProc();
  proc.put(5, { state: "Z", fd: {}, threads: { 6: { 3: "socket:[10]" } } });
  const found = createHolders(proc.files).find(new Set([10]), proc.list(), options(proc));
  assertEquals(pidsOf(found), { 10: [5] });
});

testWith(needs, "createHolders() looks up only what is new", async () => {
  await using proc = await fakeProc();
  const rhythm = manualRhythm();
  const holders = createHolders(proc.files, rhythm);
  for (let pid = 1; pid <= 50; pid++) proc.put(pid, { fd: { 0: "/dev/null", 1: "/dev/null" } });
  proc.put(10, { fd: { 3: "socket:[10]" } });
  proc.put(20, { fd: { 3: "socket:[20]" } });
  holders.find(new Set([10, 20]), proc.list(), options(proc));
  proc.read();

  const same = holders.find(new Set([10, 20]), proc.list(), options(proc));
  assertEquals(pidsOf(same), { 10: [10], 20: [20] });
  assertEquals(proc.read(), ["10/fd/3", "20/fd/3"]);

  // A listening process has accepted a connection; nobody else is looked at.
  proc.put(10, { fd: { 3: "socket:[10]", 4: "socket:[11]" } });
  const accepted = holders.find(new Set([10, 11, 20]), proc.list(), options(proc));
  assertEquals(pidsOf(accepted), { 10: [10], 11: [10], 20: [20] });
  assertEquals(proc.read().every((link) => /^(10|20)\//.test(link)), true);

  // A new process has inherited a socket, and an old one has closed it.
  proc.put(99, { fd: { 3: "socket:[20]" } });
  proc.put(20, { fd: {} });
  const inherited = holders.find(new Set([10, 20]), proc.list(), options(proc));
  assertEquals(pidsOf(inherited), { 10: [10], 20: [99] });

  // One of two holders has moved the socket to another descriptor.
  proc.put(98, { fd: { 3: "socket:[10]" } });
  holders.find(new Set([10]), proc.list(), options(proc));
  proc.put(10, { fd: { 5: "socket:[10]" } });
  assertEquals(pidsOf(holders.find(new Set([10]), proc.list(), options(proc))), { 10: [98, 10] });

  // One that held nothing has opened a socket, on a descriptor that was a file.
  proc.put(30, { fd: { 0: "socket:[30]", 1: "/dev/null" } });
  assertEquals(pidsOf(holders.find(new Set([30]), proc.list(), options(proc))), { 30: [30] });
});

testWith(
  needs,
  "createHolders() keeps what it knows of sockets that it is not asked for",
  async () => {
    await using proc = await fakeProc();
    const holders = createHolders(proc.files, manualRhythm());
    proc.put(1, { fd: { 3: "socket:[10]" } });
    proc.put(2, { fd: { 3: "socket:[20]" } });
    proc.put(3, { fd: { 3: "/dev/null" } });
    const all = new Set([10, 20, 666]);
    for (const _ of ["looked for", "looked for again"]) {
      holders.find(
        all,
        proc.list(),
        options(proc),
      );
    }
    holders.find(new Set([10]), proc.list(), { ...options(proc), whole: false });
    proc.read();
    assertEquals(pidsOf(holders.find(all, proc.list(), options(proc))), { 10: [1], 20: [2] });
    assertEquals(proc.read(), ["1/fd/3", "2/fd/3"]);
  },
);

testWith(
  needs,
  "createHolders() does not look for the kernel's own sockets again and again",
  async () => {
    await using proc = await fakeProc();
    const holders = createHolders(proc.files, manualRhythm());
    for (let pid = 1; pid <= 9; pid++) proc.put(pid, { fd: { 0: "/dev/null" } });
    const looks = Array.from({ length: 4 }, () => {
      holders.find(new Set([666]), proc.list(), options(proc));
      return proc.read().length;
    });
    assertEquals(looks, [9, 9, 0, 0], "twice, since a socket may have been under way");
  },
);

testWith(needs, "createHolders() finds a holder that began while it was looking", async () => {
  await using proc = await fakeProc();
  proc.put(1, { fd: { 0: "/dev/null" } });
  const list = () => {
    const pids = proc.list();
    if (!pids.includes(2)) proc.put(2, { fd: { 3: "socket:[10]" } });
    return pids;
  };
  assertEquals(
    pidsOf(
      createHolders(proc.files).find(new Set([10]), list(), {
        whole: true,
        list,
        deadline: FOREVER,
      }),
    ),
    { 10: [2] },
  );
});

testWith(needs, "createHolders() looks at everything when it is time", async () => {
  await using proc = await fakeProc();
  const rhythm = manualRhythm();
  const holders = createHolders(proc.files, rhythm);
  proc.put(1, { fd: { 3: "socket:[10]" } });
  proc.put(2, { fd: { 3: "/dev/null" } });
  holders.find(new Set([10]), proc.list(), options(proc));
  // A socket was passed on, and both keep it.
  proc.put(2, { fd: { 3: "socket:[10]" } });
  assertEquals(pidsOf(holders.find(new Set([10]), proc.list(), options(proc))), { 10: [1] });
  rhythm.due = true;
  assertEquals(pidsOf(holders.find(new Set([10]), proc.list(), options(proc))), { 10: [1, 2] });
});

testWith(needs, "createHolders() tells what is denied and what it had no time for", async () => {
  await using proc = await fakeProc();
  proc.put(1, { fd: { 3: "socket:[10]" } });
  proc.put(2, { fd: { 3: "socket:[20]" } });
  const files = {
    ...proc.files,
    link: (path: string) => path === "2/fd/3" ? Failure.DENIED : proc.files.link(path),
  };
  const holders = createHolders(files, manualRhythm());
  for (const _ of ["looked at", "remembered"]) {
    const found = holders.find(new Set([10, 20]), proc.list(), options(proc));
    assertEquals([pidsOf(found), found.denied, found.late], [{ 10: [1] }, true, false]);
  }
  proc.end(2);
  assertEquals(holders.find(new Set([10]), proc.list(), options(proc)).denied, false);
  const late = createHolders(files).find(new Set([10]), proc.list(), {
    ...options(proc),
    deadline: performance.now() - 1,
  });
  assertEquals([pidsOf(late), late.late], [{}, true]);
});
