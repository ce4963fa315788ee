import { assertEquals, assertStringIncludes } from "@std/assert";
import { detectionText, diffOf, withSandbox } from "../testing/suite_support.ts";

const BEACON = detectionText(
  "SELECT destination_ip, occurrence_count AS n, pattern_value AS seconds, anomaly_score AS score\n" +
    "FROM traffic_patterns WHERE pattern_type = 'beacon'",
  "schedule: { every: 30s }\nlookback: 1h",
);

/** A connection that is open in a scan, as a line of a fixture. */
const open = (port: number, created: string) =>
  `{ connection_id: c${port}, protocol: tcp, family: inet, direction: outbound, local_address: 10.0.0.5, local_port: ${port}, remote_address: 192.0.2.1, remote_port: 443, state: established, created_time: "${created}" }`;

/** A scan each half minute, and in every fourth of them a connection that the one before did not show. */
const step = (index: number, expected: string) => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
  const seen = Math.floor(index / 4) * 4;
  return `  - at: ${at(index * 30)}
    tables: { network_connections: [${open(1000 + seen, at(seen * 30))}] }
    expect: { rows: [${expected}] }
`;
};

Deno.test("fixtures give connections scan by scan, and patterns come of the scans of the lookback", () =>
  withSandbox(async (sandbox) => {
    const steps = Array.from({ length: 37 }, (_, index) => {
      const events = Math.floor(index / 4) + 1;
      if (events === 1) return step(index, "");
      const score = events < 8 ? "null" : "1";
      return step(
        index,
        `{ destination_ip: 192.0.2.1, n: ${events}, seconds: 120, score: ${score} }`,
      );
    });
    const fixture = `case: a connection every two minutes\nsteps:\n${steps.join("")}`;
    assertEquals(await diffOf(sandbox, BEACON, fixture), []);
  }));

Deno.test("a fixture cannot give patterns", () =>
  withSandbox(async (sandbox) => {
    const given =
      "case: given\ntables: { network_connections: [], traffic_patterns: [] }\nexpect: { alerts: [] }\n";
    const [fault] = await diffOf(sandbox, BEACON, given);
    assertStringIncludes(fault!, "traffic_patterns is made of network_connections");
  }));
