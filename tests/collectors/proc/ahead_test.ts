import { assert, assertEquals } from "@std/assert";
import { readAhead } from "../../../collectors/proc/ahead.ts";
import { decode, Failure, openProcFiles, type ProcFiles } from "../../../collectors/proc/files.ts";

const WANTED = { files: ["stat", "environ", "absent"], links: ["exe", "nowhere"] };
const COUNT = 600;

/** A folder like a process tree; every hundredth process has more than is read ahead. */
function makeTree(): { readonly root: string; readonly pids: readonly number[] } & Disposable {
  const root = Deno.makeTempDirSync();
  const pids = Array.from({ length: COUNT }, (_, index) => index + 1);
  for (const pid of pids) {
    if (pid % 70 === 0) continue;
    Deno.mkdirSync(`${root}/${pid}`);
    Deno.writeTextFileSync(`${root}/${pid}/stat`, `stat of ${pid}`);
    Deno.writeTextFileSync(`${root}/${pid}/environ`, environOf(pid));
    Deno.symlinkSync(`/bin/ä${pid}`, `${root}/${pid}/exe`);
  }
  return { root, pids, [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }) };
}

function environOf(pid: number): string {
  return pid % 100 === 0 ? `${pid}`.repeat(200_000) : `${pid}`.repeat(pid % 3);
}

/** Files that count what is read through them. */
function counting(files: ProcFiles): { readonly files: ProcFiles; count(): number } {
  let count = 0;
  return {
    files: {
      ...files,
      read: (path) => (count++, files.read(path)),
      link: (path) => (count++, files.link(path)),
    },
    count: () => count,
  };
}

Deno.test("readAhead() answers what reading answers, of every process once", () => {
  using tree = makeTree();
  const direct = openProcFiles(tree.root);
  const { files, count } = counting(direct);
  using ahead = readAhead(files, tree.pids, WANTED);
  const seen: number[] = [];
  const text = (content: Uint8Array | Failure) =>
    content instanceof Failure ? content : decode(content);
  for (const pid of ahead.pids) {
    seen.push(pid);
    // Gives the other thread the time to start.
    if (count() === 5 * (seen.length - 1)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    for (const name of ["environ", "absent", "stat"]) {
      const path = `${pid}/${name}`;
      assertEquals(text(ahead.files.read(path)), text(direct.read(path)), path);
    }
    for (const name of ["nowhere", "exe"]) {
      const path = `${pid}/${name}`;
      assertEquals(ahead.files.link(path), direct.link(path), path);
    }
  }
  assertEquals(seen.toSorted((one, other) => one - other), [...tree.pids]);
  assert(count() < 5 * COUNT, "nothing was read ahead");
});

Deno.test("what was read ahead is had once, and of the process that is had", () => {
  using tree = makeTree();
  using ahead = readAhead(openProcFiles(tree.root), tree.pids, WANTED);
  let last: number | undefined;
  for (const pid of ahead.pids) {
    if (pid % 70 === 0) continue;
    const read = (pid: number) => decode(ahead.files.read(`${pid}/stat`) as Uint8Array);
    assertEquals(read(pid), `stat of ${pid}`);
    Deno.writeTextFileSync(`${tree.root}/${pid}/stat`, "changed");
    assertEquals(read(pid), "changed");
    if (last !== undefined) assertEquals(read(last), "changed");
    last = pid;
  }
});

Deno.test("readAhead() reads all although the other thread has ended, and may be left early", () => {
  using tree = makeTree();
  const files = openProcFiles(tree.root);
  const left = readAhead(files, tree.pids, WANTED);
  for (const pid of left.pids) if (pid > 100) break;
  left[Symbol.dispose]();
  left[Symbol.dispose]();
  const ahead = readAhead(files, tree.pids, WANTED);
  const pids = ahead.pids[Symbol.iterator]();
  const seen = [pids.next().value!];
  ahead[Symbol.dispose]();
  for (const pid of { [Symbol.iterator]: () => pids }) seen.push(pid);
  assertEquals(seen.toSorted((one, other) => one - other), [...tree.pids]);
});
