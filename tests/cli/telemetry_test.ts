import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { cliCommand, temporaryFolder } from "./run_cli.ts";

const DETECTION = `---
id: 00000000-0000-4000-8000-0000000000a0
title: A process
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
---
SELECT pid, name FROM processes WHERE pid = 1
`;

Deno.test("the agent's messages reach a collector of OpenTelemetry", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "one.sql"), DETECTION);
  const received = new Map<string, string>();
  const logged = Promise.withResolvers<void>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      received.set(pathname, (received.get(pathname) ?? "") + await request.text());
      if (received.get("/v1/logs")?.includes("alert raised")) logged.resolve();
      return Response.json({});
    },
  );
  const agent = cliCommand(
    // deno-fmt-ignore
    [
      "agent", join(folder.path, "one.sql"), "--state", join(folder.path, "state.kv"), "--every", "1s",
      "--config", "/dev/null", "--format", "json", "--log-format", "json", "--log-level", "info",
    ],
    {
      env: {
        OTEL_DENO: "true",
        OTEL_SERVICE_NAME: "daemoneye",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
        OTEL_BLRP_SCHEDULE_DELAY: "200",
      },
    },
  ).spawn();
  const output = agent.output();
  const late = setTimeout(() => logged.resolve(), 60_000);
  await logged.promise;
  clearTimeout(late);
  agent.kill("SIGTERM");
  const { code, stderr } = await output;
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const logs = received.get("/v1/logs") ?? "";
  assert(logs.includes("alert raised"), [...received.keys()].join(" "));
  assert(logs.includes("00000000-0000-4000-8000-0000000000a0"));
  assert(logs.includes('"daemoneye"'));
});
