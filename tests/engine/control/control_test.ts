import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { askAgent } from "../../../cli/control.ts";
import { FailedError } from "../../../cli/command.ts";
import { openControl } from "../../../engine/control/mod.ts";
import { socketPath } from "../../../engine/control/protocol.ts";
import { NOBODY } from "../../../engine/control/connect.ts";
import type { RuleState } from "../../../model/rule_state.ts";

const ignore = Deno.build.os === "windows";

interface World {
  readonly state: string;
  readonly changes: unknown[];
  readonly problems: string[];
  /** Opens a raw connection. */
  connect(): Promise<Deno.UnixConn>;
  start(): Promise<AsyncDisposable>;
}

async function withWorld(use: (world: World) => Promise<void>, name = "state.kv"): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  const state = join(folder, name);
  const changes: unknown[] = [];
  const problems: string[] = [];
  const note = (what: string) => (...args: unknown[]) => {
    changes.push([what, ...args]);
    return Promise.resolve();
  };
  try {
    await use({
      state,
      changes,
      problems,
      connect: () => Deno.connect({ transport: "unix", path: socketPath(state) }),
      async start() {
        const control = openControl({
          state,
          store: {
            setRuleState: note("setRuleState"),
            acknowledge: async (...args) => {
              await note("acknowledge")(...args);
              return args[0] === "known";
            },
            retryDeadLetters: async (...args) => {
              await note("retryDeadLetters")(...args);
              return 3;
            },
          },
          collectors: { statuses: () => [] },
          onProblem: (text) => problems.push(text),
        });
        const until = Date.now() + 30_000;
        while (problems.length === 0 && Date.now() < until) {
          if (await askAgent(state, { ask: "ping" })) break;
          await delay(20);
        }
        return control;
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until there is a place for somebody else. */
async function untilAnswered(state: string): Promise<void> {
  for (const end = Date.now() + 30_000;; await delay(20)) {
    try {
      assertEquals(await askAgent(state, { ask: "ping" }), { result: "pong" });
      return;
    } catch (error) {
      if (!(error instanceof FailedError) || Date.now() > end) throw error;
    }
  }
}

const STATE: RuleState = { rule_id: "r", enabled: false, failures: 0, digest: "d" };

async function readAll(connection: Deno.Conn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const read = await connection.read(buffer).catch(() => null);
    if (read === null) return text;
    text += new TextDecoder().decode(buffer.subarray(0, read));
  }
}

Deno.test(
  "openControl() answers what it is asked, for this user alone",
  { ignore },
  () =>
    withWorld(async ({ state, start, changes, problems }) => {
      const control = await start();
      const { mode, isSocket } = await Deno.lstat(socketPath(state));
      assertEquals([isSocket, (mode ?? 0) & 0o777], [true, 0o600]);
      assertEquals(await askAgent(state, { ask: "setRuleState", state: STATE }), { result: null });
      const acknowledgement = { time: 5, note: "seen" };
      const acknowledge = (alert_id: string) =>
        askAgent(state, { ask: "acknowledge", alert_id, acknowledgement });
      assertEquals(await acknowledge("known"), { result: true });
      assertEquals(await acknowledge("unknown"), { result: false });
      const query = { sink: "siem" };
      assertEquals(await askAgent(state, { ask: "retryDeadLetters", query }), { result: 3 });
      assertEquals(await askAgent(state, { ask: "collectors" }), { result: [] });
      assertEquals(changes, [
        ["setRuleState", STATE],
        ["acknowledge", "known", acknowledgement],
        ["acknowledge", "unknown", acknowledgement],
        ["retryDeadLetters", query],
      ]);
      await control[Symbol.asyncDispose]();
      assertEquals(await askAgent(state, { ask: "ping" }), undefined);
      assertEquals(problems, []);
      assertEquals([...Deno.readDirSync(join(state, ".."))], [], "nothing is left behind");
    }),
);

Deno.test("openControl() keeps other users out", {
  ignore: ignore || Deno.uid() !== 0,
}, () =>
  withWorld(async ({ state, start }) => {
    await Deno.chmod(join(state, ".."), 0o755);
    await using _control = await start();
    const { code, stderr } = await new Deno.Command("setpriv", {
      args: [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "perl",
        "-MSocket",
        "-e",
        "socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or die $!",
        socketPath(state),
      ],
    }).output();
    assert(code !== 0);
    assertMatch(new TextDecoder().decode(stderr), /Permission denied/);
  }));

Deno.test(
  "openControl() survives garbage, endless requests and silent clients, and goes on answering",
  {
    ignore,
  },
  () =>
    withWorld(async ({ state, start, connect, changes, problems }) => {
      await using _control = await start();
      const garbage = [
        "\n",
        "null\n",
        "{}\n",
        "[".repeat(60_000) + "\n",
        '{"ask":"nothing"}\n',
        '{"ask":"setRuleState","state":{"rule_id":"r","enabled":true}}\n',
        '{"ask":"setRuleState","state":null,"__proto__":{"a":1}}\n',
        '{"ask":"acknowledge","alert_id":"","acknowledgement":{"time":1e400}}\n',
        `{"ask":"acknowledge","alert_id":"${"x".repeat(2_000)}","acknowledgement":{"time":1}}\n`,
        "GET / HTTP/1.1\r\n\r\n",
      ];
      for (const text of garbage) {
        const connection = await connect();
        await connection.write(new TextEncoder().encode(text));
        assertEquals(JSON.parse(await readAll(connection)), {
          error: "this is no request that the agent knows",
        }, text.slice(0, 100));
        connection.close();
      }
      for (let round = 0; round < 100; round++) {
        const connection = await connect();
        const bytes = crypto.getRandomValues(new Uint8Array(Math.floor(Math.random() * 3000)));
        await connection.write(bytes).catch(() => {});
        if (round % 2) await connection.write(new TextEncoder().encode("\n")).catch(() => {});
        connection.close();
      }
      const endless = await connect();
      let written = 0;
      try {
        for (; written < 10_000_000; written += 65_536) await endless.write(new Uint8Array(65_536));
      } catch {
        // It was cut off.
      }
      assert(written < 2_000_000, `${written} bytes were taken`);
      endless.close();

      // What was closed is noticed a moment later, and holds its place until then.
      await untilAnswered(state);
      const silent = await Promise.all(Array.from({ length: 40 }, () => connect()));
      // Those that say nothing are given up, so that others come through again.
      const answers = await Promise.all(silent.map(readAll));
      const refused = answers.filter((text) => text !== "");
      assert(refused.length >= 32 && refused.length < 40, `${refused.length} of 40 were refused`);
      assertEquals(JSON.parse(refused[0]!), { error: "the agent answers others; try again" });
      for (const connection of silent) connection.close();
      assertEquals(await askAgent(state, { ask: "ping" }), { result: "pong" });
      assertEquals([changes, problems], [[], []]);
    }),
);

Deno.test(
  "openControl() takes the place of a socket that was left behind",
  { ignore },
  () =>
    withWorld(async ({ state, start, problems }) => {
      const path = socketPath(state);
      const left = Deno.listen({ transport: "unix", path: `${path}.old` });
      await Deno.rename(`${path}.old`, path);
      left.close();
      assert((await Deno.lstat(path)).isSocket);
      assertEquals(await askAgent(state, { ask: "ping" }), undefined);
      await Deno.mkdir(`${path}.new`);
      await using _control = await start();
      assertEquals(await askAgent(state, { ask: "ping" }), { result: "pong" });
      assertEquals(problems, []);
    }),
);

Deno.test(
  "openControl() says that a path is too long for a socket",
  { ignore },
  () =>
    withWorld(async ({ state, start, problems }) => {
      await using _control = await start();
      assertEquals(problems.length, 1);
      assertMatch(
        problems[0]!,
        /^commands cannot reach the agent: the path .* is longer than the 107/,
      );
      assertEquals(await askAgent(state, { ask: "ping" }), undefined);
    }, `${"x".repeat(90)}.kv`),
);

Deno.test(
  "askAgent() says when an agent does not answer",
  { ignore },
  () =>
    withWorld(async ({ state }) => {
      using listener = Deno.listen({ transport: "unix", path: socketPath(state) });
      const closing = listener.accept().then((connection) => connection.close());
      let error: unknown;
      await askAgent(state, { ask: "ping" }).catch((thrown) => error = thrown);
      await closing;
      assert(error instanceof FailedError, String(error));
      assertMatch(error.message, /the agent does not answer at .*state\.kv\.sock/);
      assertEquals(NOBODY, 10);
    }),
);
