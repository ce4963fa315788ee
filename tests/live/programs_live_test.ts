import { assert, assertEquals } from "@std/assert";
import { jsonLines, runCli, temporaryFolder } from "../cli/run_cli.ts";
import { isRoot, run, testWith, until } from "../collectors/support.ts";
import { exists, filesOf, type Fired, firedOf } from "./alerts.ts";

/** What a scan judges by the files of programs. */
const PROGRAMS = filesOf([
  "defense-evasion/packed_program_in_memory_storage",
  "defense-evasion/deleted_implant_running",
  "defense-evasion/debugger_with_connection",
  "impact/miner_program_running",
]);

const [own] = Deno.networkInterfaces().filter(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
);

async function scan(files = PROGRAMS): Promise<readonly Fired[]> {
  await using state = await temporaryFolder();
  const { code, stdout, stderr } = await runCli([
    "scan",
    ...files,
    "--format=json",
    `--state=${state.path}/state.kv`,
  ]);
  assertEquals(code, 0, stderr);
  const lines = jsonLines(stdout);
  assertEquals(lines.at(-1).not_evaluated, []);
  return lines.flatMap(firedOf);
}

const subject = ({ detection, row }: Fired) => `${detection} ${row.pid} ${row.rule_name ?? ""}`;

/** `/bin/sleep` with something behind it, which the loader does not look at. */
async function sleeper(path: string, rest: Uint8Array<ArrayBuffer>) {
  const program = await Deno.readFile("/bin/sleep");
  const file = new Uint8Array(program.length + rest.length);
  file.set(program);
  file.set(rest, program.length);
  await Deno.writeFile(path, file, { mode: 0o755 });
  const child = run(path, ["600"]);
  await until(`${path} runs`, () => {
    try {
      return Deno.readLinkSync(`/proc/${child.pid}/exe`) === path;
    } catch {
      return false;
    }
  });
  return child;
}

const text = (words: string) => new TextEncoder().encode(words);

function random(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  }
  return bytes;
}

/** Connects to a host and a port, and would trace somebody if it had more arguments. */
const INJECTOR = `
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>
int main(int count, char **words) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(words[2])) };
  inet_pton(AF_INET, words[1], &to.sin_addr);
  if (connect(s, (struct sockaddr *)&to, sizeof to)) return 1;
  if (count > 3) return ptrace(PTRACE_ATTACH, atoi(words[3]), 0, 0);
  sleep(600);
}`;

testWith(
  { root: isRoot, gcc: exists("gcc"), "an address in a network": own !== undefined },
  "detections by the files of programs fire on what they name, and on nothing else",
  async () => {
    const before = new Set((await scan()).map(subject));
    await using folder = await temporaryFolder();
    const packedPath = `/dev/shm/daemoneye-${crypto.randomUUID()}`;
    try {
      await using packed = await sleeper(packedPath, random(2 ** 20));
      await using miner = await sleeper(
        `${folder.path}/crond`,
        text("stratum+tcp://\0mining.subscribe\0mining.submit\0"),
      );
      await using deleted = await sleeper(
        `${folder.path}/implant`,
        text("github.com/bishopfox/sliver/implant\0"),
      );
      await Deno.remove(`${folder.path}/implant`);
      await using _harmless = await sleeper(
        `${folder.path}/harmless`,
        text("stratum+tcp://\0mining"),
      );
      using listener = Deno.listen({ hostname: own!.address, port: 0 });
      const port = (listener.addr as Deno.NetAddr).port;
      await Deno.writeTextFile(`${folder.path}/injector.c`, INJECTOR);
      const built = await new Deno.Command("gcc", {
        args: ["-w", "-o", `${folder.path}/injector`, `${folder.path}/injector.c`],
      }).output();
      assert(built.success, new TextDecoder().decode(built.stderr));
      await using injector = run(`${folder.path}/injector`, [own!.address, String(port)]);
      using _connection = await listener.accept();
      const expected = [
        `debugger_with_connection ${injector.pid} `,
        `deleted_implant_running ${deleted.pid} sliver_implant`,
        `miner_program_running ${miner.pid} stratum_client`,
        `packed_program_in_memory_storage ${packed.pid} `,
      ];
      const fired = (await scan()).filter((one) => !before.has(subject(one)));
      assertEquals(fired.map(subject).sort(), expected);
      const row = (detection: string) => fired.find((one) => one.detection === detection)!.row;
      assert(Number(row("packed_program_in_memory_storage").entropy) > 7.8);
      assertEquals(row("debugger_with_connection").remote_port, port);
      assertEquals(row("deleted_implant_running").executable_path, `${folder.path}/implant`);
    } finally {
      await Deno.remove(packedPath).catch(() => {});
    }
  },
);

const UNOWNED = filesOf(["defense-evasion/unowned_program_as_root"]);

testWith(
  { root: isRoot, setpriv: exists("setpriv"), dpkg: exists("dpkg-query") },
  "a program in /usr/bin that no package owns and root runs is told of, and no other",
  async () => {
    const before = new Set((await scan(UNOWNED)).map(subject));
    const name = `daemoneye-${crypto.randomUUID()}`;
    const planted = [`/usr/bin/${name}`, `/usr/lib/${name}`, `/usr/local/bin/${name}`];
    try {
      await using bin = await sleeper(planted[0]!, text("\0"));
      await using lib = await sleeper(planted[1]!, text("\0"));
      await using _local = await sleeper(planted[2]!, text("\0"));
      await using _owned = run("/bin/sleep", ["600"]);
      await using _nobody = run("setpriv", ["--reuid=65534", "--clear-groups", planted[0]!, "600"]);
      await Deno.remove(planted[1]!);
      const fired = (await scan(UNOWNED)).filter((one) => !before.has(subject(one)));
      assertEquals(
        fired.map(({ row }) => [row.pid, row.executable_path]).sort(),
        [[bin.pid, planted[0]], [lib.pid, planted[1]]].sort(),
      );
    } finally {
      for (const path of planted) await Deno.remove(path).catch(() => {});
    }
  },
);
