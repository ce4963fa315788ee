import { assertEquals } from "@std/assert";
import { type HeldSocket, heldSockets } from "../../../collectors/procmond/connections.ts";
import { EXTENSIONS, type Subject } from "../../../collectors/procmond/extensions.ts";
import { Failure, type ProcFiles } from "../../../collectors/proc/files.ts";
import { linux } from "../../../profiles/extensions/processes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function subjectOf(tree: Readonly<Record<string, string | Failure>>): Subject {
  const file = (path: string) => {
    const content = tree[path] ?? Failure.GONE;
    return content instanceof Failure ? content : bytes(content);
  };
  const files: ProcFiles = {
    root: "/nowhere",
    read: file,
    readPieces: file,
    link: (path) => tree[path] ?? Failure.GONE,
  };
  return { files, pid: 7, folder: "7", sockets: { of: () => new Map() } };
}

Deno.test("EXTENSIONS has all columns of Linux but the one that is read with the core", () => {
  assertEquals(
    Object.keys(EXTENSIONS).sort(),
    Object.keys(linux).filter((name) => name !== "cgroup").sort(),
  );
});

Deno.test("EXTENSIONS reads the files that the kernel keeps of a process", () => {
  const subject = subjectOf({
    "7/oom_score": "666\n",
    "7/oom_score_adj": "-1000\n",
    "7/autogroup": "/autogroup-274 nice -5\n",
    "7/coredump_filter": "00000033\n",
    "7/wchan": "do_wait",
    "7/attr/current": "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\0",
    "7/ns/net": "net:[4026531840]",
    "7/ns/mnt": "mnt:[4026531841]",
    "7/io": "rchar: 1\nwchar: 2\nread_bytes: 4096\n",
  });
  assertEquals(EXTENSIONS.oom_score(subject), 666);
  assertEquals(EXTENSIONS.oom_score_adj(subject), -1000);
  assertEquals(EXTENSIONS.autogroup(subject), '{"id":274,"nice":-5}');
  assertEquals(
    EXTENSIONS.coredump_filter(subject),
    '{"mask":51,"kinds":["anonymous_private","anonymous_shared","elf_headers","hugetlb_private"]}',
  );
  assertEquals(EXTENSIONS.wchan(subject), "do_wait");
  assertEquals(
    EXTENSIONS.security_context(subject),
    "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
  );
  assertEquals(EXTENSIONS.namespaces(subject), '{"mnt":4026531841,"net":4026531840}');
  assertEquals(EXTENSIONS.io_statistics(subject), '{"rchar":1,"wchar":2,"read_bytes":4096}');
});

Deno.test("EXTENSIONS tells what a process does not have from what is denied", () => {
  for (const [name, read] of Object.entries(EXTENSIONS)) {
    const ofNothing = read(subjectOf({}));
    assertEquals(ofNothing === null || ofNothing === "[]", true, `${name}: ${ofNothing}`);
  }
  const denied = {
    "7/smaps": Failure.DENIED,
    "7/ns/cgroup": Failure.DENIED,
    "7/attr/current": Failure.DENIED,
    "7/maps": Failure.TOO_BIG,
  };
  assertEquals(EXTENSIONS.smaps(subjectOf(denied)), Failure.DENIED);
  assertEquals(EXTENSIONS.namespaces(subjectOf(denied)), Failure.DENIED);
  assertEquals(EXTENSIONS.security_context(subjectOf(denied)), Failure.DENIED);
  assertEquals(EXTENSIONS.memory_maps(subjectOf(denied)), Failure.TOO_BIG);
  // What runs, or is not shown to us, sleeps nowhere.
  assertEquals(EXTENSIONS.wchan(subjectOf({ "7/wchan": "0" })), null);
  assertEquals(EXTENSIONS.coredump_filter(subjectOf({ "7/coredump_filter": "" })), null);
  // Linux without a security module refuses to read the file.
  assertEquals(EXTENSIONS.security_context(subjectOf({ "7/attr/current": Failure.OTHER })), null);
});

Deno.test("heldSockets() finds sockets by what descriptors refer to, each once", () => {
  const socket: HeldSocket = {
    inode: 123,
    protocol: "tcp",
    local_address: "10.0.0.5",
    local_port: 51514,
    remote_address: "203.0.113.7",
    remote_port: 443,
    state: "established",
  };
  const targets = ["/dev/null", "socket:[123]", "pipe:[123]", "socket:[123]", "socket:[9]"];
  assertEquals(heldSockets(targets, new Map([[123, socket]])), [
    socket,
    {
      inode: 9,
      protocol: null,
      local_address: null,
      local_port: null,
      remote_address: null,
      remote_port: null,
      state: null,
    },
  ]);
  // A file may be called so; its name is a path.
  assertEquals(heldSockets(["/socket:[123]", "socket:[123] (deleted)"], new Map()), []);
});
