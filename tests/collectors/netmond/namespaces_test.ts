import { assertEquals } from "@std/assert";
import { createNamespaces, visit } from "../../../collectors/netmond/namespaces.ts";
import { Failure } from "../../../collectors/proc/files.ts";
import { isLinux, testWith } from "../support.ts";
import { fakeProc } from "./fake_proc.ts";

const needs = { Linux: isLinux };

testWith(needs, "createNamespaces() finds each namespace once", async () => {
  await using proc = await fakeProc();
  proc.put(1, { net: 100 });
  proc.put(2, { net: 200 });
  proc.put(3, { net: 100 });
  proc.put(4, { state: "Z" });
  assertEquals(createNamespaces(proc.files).find([...proc.list(), 5]), [
    { name: "net:[100]", id: 100, residents: [1, 3] },
    { name: "net:[200]", id: 200, residents: [2] },
  ]);
});

testWith(
  needs,
  "createNamespaces() tells namespaces apart where their ids are kept back",
  async () => {
    await using proc = await fakeProc();
    proc.put(1, { net: 100, tables: { dev: "" } });
    proc.put(2, { net: 200, tables: { dev: "" } });
    proc.put(3, { net: 100 });
    Deno.linkSync(`${proc.files.root}/1/net/dev`, `${proc.files.root}/3/net/dev`);
    const secret = new Set(["2/ns/net", "3/ns/net"]);
    const files = {
      ...proc.files,
      link: (path: string) => secret.has(path) ? Failure.DENIED : proc.files.link(path),
    };
    const found = createNamespaces(files).find(proc.list());
    assertEquals(found.map(({ id, residents }) => ({ id, residents })), [
      { id: 100, residents: [1] },
      { id: null, residents: [2] },
    ]);
  },
);

testWith(needs, "visit() reads through a process that lives there before and after", async () => {
  await using proc = await fakeProc();
  proc.put(1, { net: 100 });
  proc.put(2, { net: 100 });
  proc.put(3, { net: 100 });
  const [namespace] = createNamespaces(proc.files).find(proc.list());
  proc.put(1, { net: 200 });
  const visited: number[] = [];
  const result = visit(proc.files, namespace!, (pid) => {
    visited.push(pid);
    if (pid === 2) proc.end(2);
    return pid;
  });
  assertEquals([visited, result], [[2, 3], 3]);
  proc.end(3);
  assertEquals(visit(proc.files, namespace!, (pid) => pid), undefined);
});
