import { assert, assertEquals } from "@std/assert";
import { basename, dirname, join } from "@std/path";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { testWith, textOf, until } from "../collectors/support.ts";
import { exists, filesOf, type Fired, firedOf, needs } from "./alerts.ts";

/** What a scan judges by the memory of processes. */
const MEMORY = filesOf([
  "defense-evasion/writable_code_with_connection",
  "credential-access/private_key_in_memory",
]);

/** What a scan judges by rules on the memory of processes. */
const RULES = filesOf(["defense-evasion/implant_in_memory"]);

/** A program that reads a file, connects to an address and port, and may write to a page and run it. */
const PROGRAM = `
import mmap, socket, sys, time
if sys.argv[4] == "code":
    page = mmap.mmap(-1, 8192, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\\x90\\x90\\xc3")
held = open(sys.argv[1]).read()
peer = socket.create_connection((sys.argv[2], int(sys.argv[3])))
print("ready", flush=True)
time.sleep(600)
`;

const [own] = Deno.networkInterfaces().filter(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
);

/** Copies of detections, with their rules, that look at one process alone: a busy host has no time to search all. */
async function aboutOne(pid: number, files: readonly string[], folder: string): Promise<string[]> {
  return await Promise.all(files.map(async (file) => {
    const text = await Deno.readTextFile(file);
    const narrowed = /^WHERE$/m.test(text)
      ? text.replace(/^WHERE$/m, `WHERE p.pid = ${pid} AND`)
      : `${text}WHERE p.pid = ${pid}\n`;
    for (const [rules] of text.matchAll(/rules\/\w+\.yar/g)) {
      await Deno.mkdir(join(folder, "rules"), { recursive: true });
      await Deno.copyFile(join(dirname(file), rules), join(folder, rules));
    }
    const copy = join(folder, basename(file));
    await Deno.writeTextFile(copy, narrowed);
    return copy;
  }));
}

/** What is told of a process. */
async function firedOn(pid: number, files = MEMORY): Promise<readonly Fired[]> {
  await using state = await temporaryFolder();
  const { code, stdout, stderr } = await runCli([
    "scan",
    ...await aboutOne(pid, files, state.path),
    "--format=json",
    `--state=${state.path}/state.kv`,
  ]);
  assertEquals(code, 0, stderr);
  return jsonLines(stdout).flatMap(firedOf).filter(({ row }) => row.pid === pid);
}

for (const guilty of [true, false]) {
  testWith(
    {
      ...needs,
      python3: exists("python3"),
      openssl: exists("openssl"),
      "an address in a network": own !== undefined,
    },
    `a connected program ${guilty ? "with" : "without"} writable code and a private key ${
      guilty ? "is" : "is not"
    } told of`,
    async () => {
      await using folder = await temporaryFolder();
      const file = `${folder.path}/key.pem`;
      const args = guilty ? ["genrsa", "-out", file, "2048"] : ["version"];
      const { stdout } = new Deno.Command("openssl", { args, stderr: "null" }).outputSync();
      if (!guilty) await Deno.writeFile(file, stdout);
      using listener = Deno.listen({ hostname: own!.address, port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const child = new Deno.Command("python3", {
        args: ["-c", PROGRAM, file, own!.address, String(port), guilty ? "code" : "none"],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      try {
        using _peer = await listener.accept();
        await until("it is ready", () => textOf(`/proc/${child.pid}/stat`).includes(" S "));
        const fired = await firedOn(child.pid);
        assertEquals(
          fired.map(({ detection }) => detection).sort(),
          guilty ? ["private_key_in_memory", "writable_code_with_connection"] : [],
        );
        if (!guilty) return;
        const [key] = fired.filter(({ detection }) => detection === "private_key_in_memory");
        const text = /-----BEGIN[^]*-----END (?:RSA )?PRIVATE KEY/.exec(textOf(file))![0];
        const digest = new Uint8Array(
          await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
        ).toHex();
        assert(String(key!.row.artifact_value).endsWith(` sha256:${digest}`));
        assert(!JSON.stringify(fired).includes(text.split("\n")[1]!));
      } finally {
        child.kill("SIGKILL");
        await child.stdout.cancel();
        await child.status;
      }
    },
  );
}

/** A script that has words in memory which stand in no file: they come in, each with its letters turned round. */
const HELD = `
import sys, time
held = [line.strip()[::-1] for line in sys.stdin]
print("ready", flush=True)
time.sleep(600)
`;

testWith(
  { ...needs, python3: exists("python3") },
  "an interpreter with an implant in its memory is told of, and one with a part of it is not",
  async () => {
    const start = async (words: readonly string[]) => {
      const child = new Deno.Command("/usr/bin/python3", {
        args: ["-c", HELD],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      const turned = words.map((word) => [...word].reverse().join(""));
      await writer.write(new TextEncoder().encode(turned.join("\n")));
      await writer.close();
      const reader = child.stdout.getReader();
      await reader.read();
      return {
        pid: child.pid,
        async [Symbol.asyncDispose]() {
          child.kill("SIGKILL");
          await child.status;
          await reader.cancel();
        },
      };
    };
    await using guilty = await start(["PythonMeterpreter", "packet_get_tlv"]);
    await using innocent = await start(["PythonMeterpreter", "packet_get"]);
    const fired = await firedOn(guilty.pid, RULES);
    assertEquals(fired.map(({ detection, row }) => [detection, row.rule_name, row.name]), [
      ["implant_in_memory", "python_meterpreter", "python3"],
    ]);
    const [{ row }] = fired as [Fired];
    assert(!JSON.stringify(row).includes("PythonMeterpreter"), "what is in memory is a secret");
    assertEquals(await firedOn(innocent.pid, RULES), []);
  },
);

/** A detection that names a text of its own, on the right of a LEFT JOIN, so that a process without it has a row, too. */
const OWN_PATTERN = (pids: readonly number[]) =>
  `---
id: 0b1f7b2e-6c7e-4f0a-8f62-5f3c2ad1c5d7
title: Marker in the memory of a process
description: A process holds a text that only the test knows.
status: experimental
severity: low
platforms: [linux]
---
SELECT p.pid, m.pattern_value, m.match_count
FROM processes p
LEFT JOIN memory_patterns m ON m.pid = p.pid AND m.pattern_regex = 'left-join-[0-9]{4}-marker'
WHERE p.pid IN (${pids.join(", ")})
`;

testWith(
  { ...needs, python3: exists("python3") },
  "a text that a detection names in a LEFT JOIN is looked for in memory",
  async () => {
    await using folder = await temporaryFolder();
    const start = (text: string) => {
      const script = `import time; held = "".join(reversed("${
        [...text].reverse().join("")
      }")); print(1, flush=True); time.sleep(600)`;
      return new Deno.Command("python3", {
        args: ["-c", script],
        stdin: "null",
        stdout: "piped",
      }).spawn();
    };
    const children = ["left-join-4711-marker", "left-join-471-marker"].map(start);
    try {
      for (const { stdout } of children) await stdout.getReader().read();
      const [holder, other] = children.map(({ pid }) => pid) as [number, number];
      const file = `${folder.path}/own_pattern.sql`;
      await Deno.writeTextFile(file, OWN_PATTERN([holder, other]));
      const { code, stdout, stderr } = await runCli([
        "scan",
        file,
        "--format=json",
        `--state=${folder.path}/state.kv`,
      ]);
      assertEquals(code, 0, stderr);
      const lines = jsonLines(stdout);
      assertEquals(lines.at(-1)!.not_evaluated, []);
      const rows = lines.flatMap(firedOf).map(({ row }) => row);
      const of = (pid: number) => rows.filter((row) => row.pid === pid);
      assertEquals(of(other).map(({ pattern_value }) => pattern_value), [null]);
      const [found, ...more] = of(holder);
      assertEquals(more, []);
      assert(String(found!.pattern_value).startsWith("left*** sha256:"), Deno.inspect(rows));
    } finally {
      for (const child of children) {
        child.kill("SIGKILL");
        await child.status;
      }
    }
  },
);
