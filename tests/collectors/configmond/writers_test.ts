import { assertEquals } from "@std/assert";
import { compareLooks, lookAt } from "../../../collectors/configmond/changes/compare.ts";
import { followWriters, type Writer } from "../../../collectors/configmond/changes/writers.ts";
import { sshd } from "../../../collectors/configmond/families/sshd.ts";
import type { ActorColumns } from "../../../collectors/fsmond/actors.ts";
import type { Happening } from "../../../collectors/fsmond/happening.ts";
import { openProcFiles } from "../../../collectors/proc/files.ts";
import { until } from "../support.ts";
import { makeHost } from "../regmond/support.ts";

/** A process as file events tell of it. */
const actor = (pid: number | undefined, path?: string): ActorColumns => ({
  process_pid: pid,
  process_key: undefined,
  process_name: undefined,
  executable_path: path,
});

Deno.test("followWriters() knows the last who wrote, and whom the process acted for", async () => {
  await using made = await makeHost({
    "proc/1/loginuid": "1000",
    "proc/1/status": "Name:\tx\nUid:\t0\t0\t0\t0\n",
    "proc/2/loginuid": "4294967295",
    "proc/2/status": "Name:\tx\nUid:\t5\t6\t6\t6\n",
  });
  const happening = (pid: number, path: string, old?: string): Happening => ({
    at: 7,
    types: ["modify"],
    pid,
    path,
    ...(old !== undefined && { old }),
  });
  const ahead = [
    [happening(1, "/etc/a"), happening(1, "/etc/b"), happening(2, "/etc/\xc3\xa9")],
    [happening(3, "/etc/b", "/etc/b.tmp"), happening(-1, "/etc/own"), happening(0, "/etc/nobody")],
  ];
  let isClosed = false;
  const source = {
    next: () => ahead.length > 0 ? Promise.resolve(ahead.shift()!) : new Promise<never>(() => {}),
    close: () => void (isClosed = true),
  };
  const actors = {
    of: ({ pid }: Happening) => pid === -1 ? undefined : actor(pid || undefined, `/bin/${pid}`),
  };
  const writers = followWriters(source, openProcFiles(made.host.proc.root), actors);
  await until("all is read", () => writers.of("/etc/b.tmp") !== undefined);
  const told = (path: string) => {
    const writer = writers.of(path);
    return writer && [writer.at, writer.uid, writer.process.executable_path];
  };
  assertEquals(
    ["/etc/a", "/etc/\u00e9", "/etc/b", "/etc/b.tmp", "/etc/own", "/etc/nobody"].map(told),
    [
      [7, 1000, "/bin/1"],
      [7, 6, "/bin/2"],
      [7, undefined, "/bin/3"],
      [7, undefined, "/bin/3"],
      undefined,
      undefined,
    ],
  );
  writers[Symbol.dispose]();
  assertEquals(isClosed, true);
});

Deno.test("compareLooks() tells who wrote since the look before, by the file that a link leads to", async () => {
  await using made = await makeHost({
    "etc/ssh/sshd_config": { link: "/srv/sshd_config" },
    "srv/sshd_config": "PermitRootLogin no\n",
    "etc/passwd": "ada:x:1000:1000::/:/bin/sh\n",
  });
  const before = lookAt(made.host, sshd);
  await Deno.writeTextFile(`${made.root}/srv/sshd_config`, "PermitRootLogin yes\n");
  const after = lookAt(made.host, sshd);
  const changedBy = (writer: Writer) => {
    const writers = { of: (path: string) => path === "/srv/sshd_config" ? writer : undefined };
    const [row] = compareLooks(made.host, sshd, before, after, {
      before: 100_000,
      now: 200_000,
      writers,
    });
    const { process_pid } = JSON.parse(String(row!.platform_data));
    return [row!.changed_by, process_pid];
  };
  const process = actor(42, "/usr/bin/vim");
  assertEquals(changedBy({ at: 150_000, uid: 1000, process }), ["ada: /usr/bin/vim (42)", 42]);
  assertEquals(changedBy({ at: 150_000, uid: 7, process }), ["7: /usr/bin/vim (42)", 42]);
  assertEquals(changedBy({ at: 150_000, process: actor(42) }), ["a process (42)", 42]);
  assertEquals(changedBy({ at: 50_000, process }), [null, undefined]);
});
