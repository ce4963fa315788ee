import { assert, assertEquals } from "@std/assert";
import { detectionText, diffOf, withSandbox } from "../testing/suite_support.ts";

const SHELL_OF_A_SERVER = detectionText(
  "SELECT p.pid, p.process_key, p.name, a.name AS server, a.depth FROM processes p\n" +
    "JOIN process_ancestors a ON a.process_key = p.process_key\n" +
    "WHERE p.name IN ('sh', 'bash') AND a.name = 'nginx'",
);

Deno.test("fixtures give the processes of a detection that reads process_ancestors, no more", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: a shell below a server, and one beside it
steps:
  - tables:
      processes:
        - { pid: 1, name: systemd }
        - { pid: 10, ppid: 1, name: nginx }
        - { pid: 11, ppid: 10, name: php-fpm }
        - { pid: 12, ppid: 11, name: sh }
        - { pid: 20, ppid: 1, name: bash }
    expect:
      alerts: [{ pid: 12, server: nginx, depth: 2 }]
  - at: 2026-01-01T02:00:00Z
    tables:
      processes:
        - { pid: 10, process_key: "new:10", name: nginx }
        - { pid: 12, ppid: 10, parent_key: "old:10", name: sh }
    expect: { alerts: [], verdict: no_match }
  - at: 2026-01-01T04:00:00Z
    tables: { processes: [{ pid: 10, name: nginx }, { pid: 12, ppid: 10, name: sh }] }
    denied: [processes.parent_key]
    expect: { verdict: match, partial: { evaluated: 1, of: 2 } }
  - at: 2026-01-01T06:00:00Z
    denied: [processes]
    expect: { alerts: [], verdict: not_evaluated }
`;
    assertEquals(await diffOf(sandbox, SHELL_OF_A_SERVER, fixture), []);
  }));

Deno.test("a fixture must give the processes, and cannot give their ancestors", () =>
  withSandbox(async (sandbox) => {
    const missing = "case: none\ntables: { users: [] }\nexpect: { alerts: [] }\n";
    assertEquals(await diffOf(sandbox, SHELL_OF_A_SERVER, missing), [
      "the detection reads processes; give its rows, [] if there are none",
    ]);
    const given =
      "case: given\ntables: { processes: [], process_ancestors: [] }\nexpect: { alerts: [] }\n";
    const [fault] = await diffOf(sandbox, SHELL_OF_A_SERVER, given);
    assert(fault?.includes("process_ancestors is made of processes"), fault);
  }));
