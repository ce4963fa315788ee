import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Failure, openProcFiles } from "../../../collectors/proc/files.ts";
import {
  readThreads,
  threadChildren,
  threadIo,
  threadStat,
  threadStatus,
} from "../../../collectors/procmond/threads.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("threadStat() reads name, state and times", () => {
  const line =
    "812 (worker) R 1) S 3059 3060 3060 0 -1 4194304 51 17 0 7 12 3 10 4 20 0 4 0 100092 7544832 965 18446744073709551615 0 0\n";
  assertEquals(threadStat(bytes(line)), {
    name: "worker) R 1",
    state: "sleeping",
    user_time: 120,
    system_time: 30,
  });
  assertEquals(threadStat(bytes("812 (cut")), undefined);
});

Deno.test("threadStatus() reads ids, capabilities, seccomp mode, and the name as it is", () => {
  const status =
    "Name:	a\\n\\\\b\\x\nUid:	1000	0	0	0\nCapEff:	0000000000200000\nNoNewPrivs:	1\nSeccomp:	2\nSeccomp_filters:	1\n";
  assertEquals(threadStatus(bytes(status)), {
    name: "a\n\\b\\x",
    user_id: 1000,
    effective_user_id: 0,
    effective: ["CAP_SYS_ADMIN"],
    no_new_privileges: true,
    seccomp: 2,
  });
});

Deno.test("threadIo() and threadChildren() read numbers", () => {
  assertEquals(threadIo(bytes("rchar: 1\nread_bytes: 4096\nwrite_bytes: 8\n")), {
    read_bytes: 4096,
    write_bytes: 8,
  });
  assertEquals(threadChildren(bytes("1290 1291 ")), { children: [1290, 1291] });
  assertEquals(threadChildren(bytes("")), { children: [] });
});

Deno.test("readThreads() reads each thread that is there, in order", async () => {
  const root = await Deno.makeTempDir();
  for (const tid of ["12", "7", "100"]) {
    await Deno.mkdir(`${root}/7/task/${tid}`, { recursive: true });
    if (tid !== "12") await Deno.writeTextFile(`${root}/7/task/${tid}/children`, `${tid}1 `);
  }
  const files = openProcFiles(root);
  assertEquals(readThreads(files, 7, "children", threadChildren), [
    { tid: 7, children: [71] },
    { tid: 100, children: [1001] },
  ]);
  assertEquals(readThreads(files, 8, "children", threadChildren), Failure.GONE);
  await Deno.remove(root, { recursive: true });
});

Deno.test("the parsers of threads throw at nothing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
    for (const parse of [threadStat, threadStatus, threadIo, threadChildren]) {
      JSON.stringify(parse(any));
    }
  }));
});
