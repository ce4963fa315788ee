import { assertEquals, assertThrows } from "@std/assert";
import type { TaskKeys } from "../../../model/collection.ts";
import {
  createIndicatorReader,
  parseIndicators,
} from "../../../collectors/netanalymond/indicators/mod.ts";
import { parsePattern } from "../../../collectors/netanalymond/indicators/stix.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

/** What is found of values, as value, identity and what is listed. */
function find(text: string, keys: TaskKeys | readonly string[], now = NOW) {
  const asked = "column" in keys ? keys : { column: "indicator_value", values: keys };
  const rows = createIndicatorReader()(asked, [{ name: "list", text }], now);
  return [...rows].map(({ row }) =>
    [row.indicator_value, row.indicator_id, row.indicator_type].join(" ")
  );
}

const CSV = `# what people share
indicator_value,indicator_type,indicator_id,confidence,tags,valid_from,valid_until,revoked
evil.example,domain,d1,0.9,"botnet;tlp:clear",,,
198.51.100.0/24,,n1,,,,,
2001:db8::/32,,n2,,,,,
203.0.113.7,,a1,,,,,
hxxp://Bad[.]example/x,,u1,,,,,
D41D8CD98F00B204E9800998ECF8427E,,h1,,,,,
old.example,domain,o1,,,2020-01-01,2021-01-01T00:00:00Z,
new.example,domain,o2,,,2027-01-01,,
gone.example,domain,o3,,,,,true
`;

Deno.test("createIndicatorReader() finds names, addresses in networks, URLs and hashes", () => {
  assertEquals(find(CSV, ["evil.example", "EVIL.example", "a.b.evil.example", "notevil.example"]), [
    "evil.example d1 domain",
    "EVIL.example d1 domain",
    "a.b.evil.example d1 domain",
  ]);
  assertEquals(find(CSV, ["198.51.100.9", "198.51.101.9", "203.0.113.7", "::ffff:198.51.100.9"]), [
    "198.51.100.9 n1 cidr",
    "203.0.113.7 a1 ip",
    "::ffff:198.51.100.9 n1 cidr",
  ]);
  assertEquals(find(CSV, ["2001:db8:1::5", "2001:db9::1", "::1"]), ["2001:db8:1::5 n2 cidr"]);
  assertEquals(
    find(CSV, ["http://bad.example/x", "http://bad.example/y", "https://x.evil.example:8/z?q"]),
    ["http://bad.example/x u1 url", "https://x.evil.example:8/z?q d1 domain"],
  );
  assertEquals(find(CSV, ["http://198.51.100.3/", "http://[2001:db8::1]/"]), [
    "http://198.51.100.3/ n1 cidr",
    "http://[2001:db8::1]/ n2 cidr",
  ]);
  assertEquals(find(CSV, ["d41d8cd98f00b204e9800998ecf8427e"]), [
    "d41d8cd98f00b204e9800998ecf8427e h1 hash",
  ]);
  assertEquals(find(CSV, { column: "indicator_id", values: ["h1", "none"] }), [
    "d41d8cd98f00b204e9800998ecf8427e h1 hash",
  ]);
  assertEquals(find(CSV, { column: "indicator_value", globs: ["evil*"] }), [
    "evil.example d1 domain",
  ]);
});

Deno.test("createIndicatorReader() finds addresses and names however they are written", () => {
  const list = [
    ...["indicator_value,indicator_id", "2001:0DB8:0:0:0:0:0:1,i6", "::ffff:192.0.2.1,i4"],
    ...["::ffff:192.0.2.128/121,n4", "Bücher.example,d1"],
  ].join("\n");
  const values = ["2001:db8::1", "2001:db8:0::1", "2001:db8::2", "192.0.2.1", "192.0.2.129"];
  assertEquals(find(list, [...values, "a.xn--bcher-kva.example", "BÜCHER.example"]), [
    "2001:db8::1 i6 ip",
    "2001:db8:0::1 i6 ip",
    "192.0.2.1 i4 ip",
    "192.0.2.129 n4 cidr",
    "a.xn--bcher-kva.example d1 domain",
    "BÜCHER.example d1 domain",
  ]);
});

Deno.test("createIndicatorReader() tells what is listed where that is another value", () => {
  const read = createIndicatorReader();
  const keys = { column: "indicator_value", values: ["a.evil.example"] };
  const [reading] = read(keys, [{ name: "list", text: CSV }], NOW);
  assertEquals(reading!.row.platform_data, '{"listed":"evil.example"}');
  assertEquals(reading!.row.tags, '["botnet","tlp:clear"]');
  assertEquals([reading!.row.confidence, reading!.row.source], [0.9, "list"]);
});

Deno.test("isValid() leaves out what is no longer, not yet, or not any more believed in", () => {
  assertEquals(find(CSV, ["old.example", "new.example", "gone.example"]), []);
  assertEquals(find(CSV, ["old.example"], Date.parse("2020-06-01")), ["old.example o1 domain"]);
  assertEquals(find(CSV, ["new.example"], Date.parse("2027-06-01")), ["new.example o2 domain"]);
});

Deno.test("parseCsv() refuses what it would otherwise not look for", () => {
  const refused = [
    ["value\nx", "no column value"],
    ["source\nx", "indicator_value is missing"],
    ["indicator_value,indicator_type\nx.example,host", "no type host"],
    ["indicator_value,indicator_type\nx.example,ip", "x.example is no ip"],
    ["indicator_value\n192.0.2.0/33", "192.0.2.0/33 is no cidr"],
    ["indicator_value,severity\nx.example,bad", "no severity bad"],
    ["indicator_value,confidence\nx.example,sure", "sure is no confidence"],
    ["indicator_value,valid_until\nx.example,soon", "soon is no time"],
    ["indicator_value,source\nx.example", "1 values instead of 2"],
    ["indicator_value,source\n,x", "there is no value"],
    ["{", "is none"],
    ["{}", "neither a bundle"],
  ];
  for (const [text, reason] of refused) {
    assertThrows(() => parseIndicators({ name: "list", text: text! }), SyntaxError, reason);
  }
});

Deno.test("parsePattern() takes what any single value can meet, and nothing else", () => {
  const found = (pattern: string) =>
    parsePattern(pattern).map(({ type, value }) => `${type} ${value}`);
  assertEquals(found("[domain-name:value = 'evil.example']"), ["domain evil.example"]);
  assertEquals(
    found("[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value ISSUBSET '198.51.100.0/24']"),
    ["ip 192.0.2.1", "cidr 198.51.100.0/24"],
  );
  assertEquals(
    found("[file:hashes.'SHA-256' = 'aa'] OR [file:hashes.MD5 IN ('bb', 'cc')]"),
    ["hash aa", "hash bb", "hash cc"],
  );
  assertEquals(found("[url:value = 'http://x/\\'']"), ["url http://x/'"]);
  for (
    const pattern of [
      "[domain-name:value = 'a' AND ipv4-addr:value = '192.0.2.1']",
      "[domain-name:value = 'a'] FOLLOWEDBY [domain-name:value = 'b']",
      "[domain-name:value = 'a'] WITHIN 5 SECONDS",
      "[domain-name:value NOT = 'a']",
      "[domain-name:value != 'a']",
      "[file:name = 'a']",
      "[domain-name:value LIKE 'a%']",
      "domain-name:value = 'a'",
      "[domain-name:value = 'a'",
      "",
    ]
  ) assertEquals(found(pattern), [], pattern);
});

Deno.test("readStix() reads a bundle: the latest version, its author and its validity", () => {
  const indicator = {
    type: "indicator",
    id: "indicator--1",
    created: "2026-01-01T00:00:00.000Z",
    modified: "2026-01-01T00:00:00.000Z",
    created_by_ref: "identity--1",
    pattern_type: "stix",
    pattern: "[domain-name:value = 'first.example']",
    valid_from: "2026-01-01T00:00:00Z",
    indicator_types: ["malicious-activity"],
    confidence: 1,
  };
  const bundle = {
    type: "bundle",
    id: "bundle--1",
    objects: [
      {
        ...indicator,
        modified: "2026-02-01T00:00:00Z",
        pattern: "[domain-name:value = 'second.example']",
      },
      indicator,
      { type: "identity", id: "identity--1", name: "Team" },
      { ...indicator, id: "indicator--2", valid_until: "2026-02-02T00:00:00Z" },
      { ...indicator, id: "indicator--3", revoked: true },
      { ...indicator, id: "indicator--4", pattern_type: "yara" },
      { type: "malware", id: "malware--1" },
      null,
    ],
  };
  const text = JSON.stringify(bundle);
  assertEquals(find(text, ["first.example", "x.second.example"]), [
    "x.second.example indicator--1 domain",
  ]);
  const [first] = parseIndicators({ name: "list", text });
  assertEquals(
    [first!.source, first!.confidence, first!.threat_category],
    ["Team", 0.01, "malicious-activity"],
  );
});

Deno.test("readMisp() reads attributes and objects that are meant for detection", () => {
  const attribute = {
    uuid: "m1",
    type: "domain",
    value: "evil.example",
    to_ids: true,
    category: "Network activity",
  };
  const event = {
    Event: {
      info: "campaign",
      threat_level_id: "1",
      Orgc: { name: "CERT" },
      Tag: [{ name: "tlp:clear" }],
      Attribute: [
        attribute,
        { ...attribute, uuid: "m2", value: "context.example", to_ids: false },
        { ...attribute, uuid: "m3", type: "ip-dst|port", value: "203.0.113.9|443" },
        { ...attribute, uuid: "m4", type: "filename|sha256", value: `a.exe|${"AB".repeat(32)}` },
        { ...attribute, uuid: "m5", value: "deleted.example", deleted: true },
        { ...attribute, uuid: "m6", type: "comment", value: "evil.example" },
      ],
      Object: [{
        Attribute: [{ ...attribute, uuid: "m7", type: "url", value: "http://x.example/a" }],
      }],
    },
  };
  const values = [
    "evil.example",
    "context.example",
    "deleted.example",
    "203.0.113.9",
    "ab".repeat(32),
    "http://x.example/a",
  ];
  const expected = [
    "evil.example m1 domain",
    "203.0.113.9 m3 ip",
    `${"ab".repeat(32)} m4 hash`,
    "http://x.example/a m7 url",
  ];
  for (const form of [event, [event], { response: [event] }]) {
    assertEquals(find(JSON.stringify(form), values), expected);
  }
  const [first] = parseIndicators({ name: "list", text: JSON.stringify(event) });
  assertEquals([first!.severity, first!.source, first!.description, first!.tags], [
    "high",
    "CERT",
    "campaign",
    ["tlp:clear"],
  ]);
});

/** A bundle as OASIS publishes them: `examples/threat-reports/apt1.json` of oasis-open/cti-stix2-json-schemas, made short. */
const REPORT = {
  type: "bundle",
  id: "bundle--cf20f99b-3ed2-4a9f-b4f1-d660a7fc8241",
  objects: [
    {
      type: "identity",
      spec_version: "2.1",
      id: "identity--a463ffb3-1bd9-4d94-b02d-74e4f1658283",
      created: "2015-05-15T09:12:16.432Z",
      modified: "2015-05-15T09:12:16.432Z",
      name: "A team",
      identity_class: "organization",
    },
    ...[
      "[ipv4-addr:value ISSUBSET '198.51.100.0/22']",
      "[domain-name:value = 'hugesoft.example'] OR [domain-name:value = 'arrowservice.example']",
      `[file:hashes.MD5 = '${"1b".repeat(16)}' OR file:hashes.'SHA-256' = '${"2c".repeat(32)}']`,
      "[url:value = 'http://x4z9.example/4712/']",
      "[x509-certificate:issuer = 'CN=WEB' AND x509-certificate:serial_number = '4c:0b:1d']",
      "[email-message:subject MATCHES '^[IMPORTANT] Please Review']",
    ].map((pattern, index) => ({
      type: "indicator",
      spec_version: "2.1",
      id: `indicator--031778a4-057f-48e6-9db9-c8d72b81cc${10 + index}`,
      created_by_ref: "identity--a463ffb3-1bd9-4d94-b02d-74e4f1658283",
      created: "2015-05-15T09:12:16.432678Z",
      modified: "2015-05-15T09:12:16.432678Z",
      name: "Command and control of a group",
      indicator_types: ["malicious-activity"],
      pattern,
      pattern_type: "stix",
      valid_from: "2015-05-15T09:12:16.432678Z",
      ...(index === 3 && { valid_until: "2026-11-22T09:00:00Z" }),
      kill_chain_phases: [{ kill_chain_name: "mandiant", phase_name: "establish-foothold" }],
    })),
    {
      type: "relationship",
      spec_version: "2.1",
      id: "relationship--44298a74-ba52-4f0c-87a3-1824e67d7fad",
      relationship_type: "indicates",
      source_ref: "indicator--031778a4-057f-48e6-9db9-c8d72b81cc10",
      target_ref: "malware--fdd60b30-b67c-11e3-b0b9-f01faf20d111",
    },
  ],
};

Deno.test("createIndicatorReader() reads a bundle as reports have it", () => {
  const text = JSON.stringify(REPORT);
  const values = [
    "198.51.103.255",
    "198.51.104.0",
    "mail.hugesoft.example",
    "arrowservice.example",
    "myhugesoft.example",
    "1B".repeat(16),
    "2c".repeat(32),
    "http://x4z9.example/4712/",
  ];
  const id = "indicator--031778a4-057f-48e6-9db9-c8d72b81cc1";
  const valid = [
    `198.51.103.255 ${id}0 cidr`,
    `mail.hugesoft.example ${id}1 domain`,
    `arrowservice.example ${id}1 domain`,
    `${"1B".repeat(16)} ${id}2 hash`,
    `${"2c".repeat(32)} ${id}2 hash`,
  ];
  assertEquals(find(text, values), valid);
  const [url] = values.slice(-1);
  assertEquals(find(text, values, NOW - 7_200_000), [...valid, `${url} ${id}3 url`]);
  assertEquals(find(text, values, Date.parse("2015-05-15T09:00:00Z")), []);
  assertEquals(parseIndicators({ name: "report", text })[0]!.source, "A team");
});

Deno.test("createIndicatorReader() reads an event as CIRCL's public feed has them", () => {
  const attribute = (
    type: string,
    value: string,
    to_ids = true,
    category = "Payload delivery",
  ) => ({
    category,
    comment: "Imported via the Freetext Import Tool",
    uuid: `57c4448b-${type}`,
    timestamp: "1472480395",
    to_ids,
    value,
    type,
  });
  const text = JSON.stringify({
    Event: {
      info: "Ransomware - Example",
      publish_timestamp: "1472548231",
      timestamp: "1472541011",
      analysis: "2",
      date: "2016-08-29",
      published: true,
      threat_level_id: "3",
      uuid: "57c4445b-c548-4654-af0b-4be3950d210f",
      Orgc: { name: "CIRCL", uuid: "55f6ea5e-2c60-40e5-964f-47a8950d210f" },
      Tag: [{ colour: "#ffffff", exportable: true, name: "tlp:white" }],
      Attribute: [
        attribute("link", "https://report.example/analysis/", false, "External analysis"),
        attribute("filename", "3Z4wnG.exe"),
        attribute("md5", "0a".repeat(16)),
        attribute("malware-sample", `a.exe|${"0B".repeat(16)}`),
        attribute("ip-dst|port", "203.0.113.80|8080", true, "Network activity"),
        attribute("hostname", "gate.example", true, "Network activity"),
        attribute("regkey|value", "Software\\Run|%TEMP%\\3Z4wnG.exe"),
      ],
      Object: [{
        name: "file",
        "meta-category": "file",
        template_version: "2",
        Attribute: [
          { ...attribute("sha256", "0c".repeat(32)), object_relation: "sha256" },
          { ...attribute("text", "STIX 1.1.1", false), object_relation: "format" },
        ],
      }],
    },
  });
  assertEquals(
    find(text, [
      "0a".repeat(16),
      "0b".repeat(16),
      "0c".repeat(32),
      "203.0.113.80",
      "http://gate.example/x",
      "report.example",
      "3Z4wnG.exe",
    ]).map((line) => line.split(" ").slice(1).join(" ")),
    [
      "57c4448b-md5 hash",
      "57c4448b-malware-sample hash",
      "57c4448b-sha256 hash",
      "57c4448b-ip-dst|port ip",
      "57c4448b-hostname domain",
    ],
  );
  const [first] = parseIndicators({ name: "feed", text });
  assertEquals([first!.severity, first!.source, first!.tags], ["low", "CIRCL", ["tlp:white"]]);
});
