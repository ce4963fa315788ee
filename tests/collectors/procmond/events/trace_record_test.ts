import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  parseTraceRecord,
  type TraceRecord,
} from "../../../../collectors/procmond/events/trace_record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseTraceRecord(bytes(text));

/** Of Linux 6.18, as the kernel wrote them. */
const RECORDS = {
  newtask:
    "            bash-31054   [000] ..... 14195.251012: task_newtask: pid=31057 comm=bash clone_flags=1200000 oom_score_adj=0\n",
  exec:
    "             cat-31057   [000] ..... 14195.251282: sched_process_exec: filename=/usr/bin/cat pid=31057 old_pid=31057\n",
  exit:
    " tokio-runtime-w-30694   [000] .N... 14195.258133: sched_process_exit: comm=tokio-runtime-w pid=30694 prio=120 group_dead=false\n",
  execve: "            true-11804   [000] ..... 14353.452071: sys_execve -> 0x0\n",
  failed: "         python3-12124   [001] ..... 14375.433207: sys_execve -> 0xfffffffffffffffe\n",
  exit_group:
    "            bash-11813   [000] ..... 14353.466578: sys_exit_group(error_code: 0x12c)\n",
  signal:
    "            bash-11816   [000] d..1. 14353.466440: signal_deliver: sig=11 errno=0 code=0 sa_handler=0 sa_flags=0\n",
};

Deno.test("parseTraceRecord() reads what the kernel writes", () => {
  const header = (tid: number, at: number) => ({ tid, at, lost: 0 });
  assertEquals(parse(RECORDS.newtask), {
    ...header(31054, 14195251.012),
    event: "newtask",
    child: 31057,
    comm: "bash",
    flags: 0x1200000,
  });
  assertEquals(parse(RECORDS.exec), {
    ...header(31057, 14195251.282),
    event: "exec",
    filename: "/usr/bin/cat",
    old: 31057,
  });
  assertEquals(parse(RECORDS.exit), {
    ...header(30694, 14195258.133),
    event: "exit",
    comm: "tokio-runtime-w",
    last: false,
  });
  assertEquals(parse(RECORDS.execve), {
    ...header(11804, 14353452.071),
    event: "execve",
    succeeded: true,
  });
  assertEquals(parse(RECORDS.failed), {
    ...header(12124, 14375433.207),
    event: "execve",
    succeeded: false,
  });
  assertEquals(parse(RECORDS.exit_group), {
    ...header(11813, 14353466.578),
    event: "exit_group",
    status: 44,
  });
  assertEquals(parse(RECORDS.signal), {
    ...header(11816, 14353466.44),
    event: "signal",
    signal: 11,
  });
});

Deno.test("parseTraceRecord() reads what older kernels write", () => {
  const { exit, exit_group } = RECORDS;
  assertEquals(parse(exit.replace(" group_dead=false", "")).event, "exit");
  assertEquals(parse(exit.replace(" group_dead=false", "")), {
    ...parse(exit),
    last: undefined,
  } as TraceRecord);
  // Without the prefix numbers are hexadecimal all the same.
  assertEquals(parse(exit_group.replace("0x12c", "ff")), {
    ...parse(exit_group),
    status: 255,
  } as TraceRecord);
  assertEquals(parse(exit.replace("30694   ", "30694   (  30690) ")), parse(exit));
});

Deno.test("parseTraceRecord() counts what was lost before a record", () => {
  assertEquals(parse(`CPU:1 [LOST 312 EVENTS]\n${RECORDS.exec}`), {
    ...parse(RECORDS.exec),
    lost: 312,
  });
  assertEquals(parse(`CPU:1 [LOST EVENTS]\n${RECORDS.exec}`).lost, 1);
  assertEquals(parse("CPU:1 [LOST 7 EVENTS]\n[LINE TOO BIG]\n"), {
    event: "unknown",
    tid: -1,
    at: NaN,
    lost: 7,
  });
});

const FORGED =
  "  foo-1 [000] ..... 1.000000: sched_process_exit: comm=init pid=1 prio=120 group_dead=true\n";

Deno.test("parseTraceRecord() takes names for names, whatever they hold", () => {
  const names = [
    `/tmp/x\n${FORGED}`,
    ` pid=1 old_pid=1\n${FORGED}`,
    `/x\n${RECORDS.exec}`,
    "CPU:0 [LOST 1 EVENTS]\n",
    "/é\x1b[31m\r\n",
    "",
  ];
  for (const name of names) {
    const record = parse(RECORDS.exec.replace("/usr/bin/cat", () => name));
    assertEquals(record, { ...parse(RECORDS.exec), filename: name } as TraceRecord);
  }
  for (
    const comm of ["a\nb", "x-1 [000] .... ", " pid=1 prio=1", "é".repeat(7), " clone_flags=1"]
  ) {
    const padded = " ".repeat(16 - bytes(comm).length) + comm;
    for (const kind of ["newtask", "exit"] as const) {
      const plain = parse(RECORDS[kind]);
      const text = RECORDS[kind].slice(16).replace(/comm=[\w-]+/, () => `comm=${comm}`);
      assertEquals(parse(padded + text), { ...plain, comm } as TraceRecord, `${kind}: ${comm}`);
    }
  }
});

Deno.test("parseTraceRecord() shows bytes that are not UTF-8", () => {
  const text = bytes(RECORDS.exec);
  text.set([0xff, 0xc3], RECORDS.exec.indexOf("/usr"));
  const record = parseTraceRecord(text);
  assertEquals(record.event === "exec" && record.filename, "\ufffd\ufffdsr/bin/cat");
});

Deno.test("parseTraceRecord() throws at nothing, and what is cut short is unknown", () => {
  for (const text of Object.values(RECORDS)) {
    const needed = text.indexOf("signal_deliver") > 0 ? text.indexOf(" errno") + 1 : text.length;
    for (let length = 0; length < needed; length++) {
      assertEquals(parse(text.slice(0, length)).event, "unknown", text.slice(0, length));
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
    parseTraceRecord(any);
  }));
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(RECORDS)),
      fc.string(),
      fc.nat(130),
      (text, some, at) => {
        parse(text.slice(0, at) + some + text.slice(at));
      },
    ),
  );
});
