import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { addressClass, inCidr } from "../../../dialect/mod.ts";
import { redact } from "../../../testing/record/redact.ts";
import type { Recording } from "../../../testing/record/recording.ts";
import { detectionOf } from "../../engine/support.ts";
import { recordingOf, rowsOf } from "./support.ts";

/** Everything that a recording says, as one text. */
function everything(recording: Recording): string {
  return JSON.stringify([
    recording.host,
    ...[...recording.tables.keys()].map((table) => rowsOf(recording, table)),
  ]);
}

/** The command line of a single process after redaction. */
function line(command_line: string, more: Record<string, unknown> = {}): string {
  const recording = recordingOf({ processes: [{ pid: 1, name: "x", command_line, ...more }] });
  return String(rowsOf(redact(recording, { seed: "seed" }).recording)[0]!.command_line);
}

// Assembled here, so that no scanner takes this file for a leak.
const join = (...parts: string[]) => parts.join("");
const JWT = join(
  "eyJhbGciOiJIUzI1NiJ9",
  ".eyJzdWIiOiIxMjM0NTY3ODkwIn0",
  ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
);
const AWS_ID = join("AKIA", "Q3EGRNJ7P2LM4XYZ");
const AWS_SECRET = join("wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYzzzPLEKEY");
const GITHUB = join("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a");
const GITLAB = join("glpat-", "x7Kq2mZpR4tYvN8sL1wD");
const SLACK = join("xoxb-", "263594206564-FGqddMF8t08v8N7Oq4i57vs1");
const STRIPE = join("sk_live_", "4eC39HqLyjWDarjtT1zdp7dc");
const GOOGLE = join("AIza", "SyD4iEf7kQ0aBcD3fGhIjKlMnOpQrStUvWx");
const NPM = join("npm_", "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5");
const VAULT = join("hvs.", "CAESIKq7xBz2m4Vn8Lp0Rt6Ws");
const SENDGRID = join(
  "SG.",
  "ngeVfQFYQlKU0ufo8x5d1A",
  ".TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr44",
);
const TELEGRAM = join("110201543", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
const PEM = join(
  "-----BEGIN OPENSSH ",
  "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH ",
  "PRIVATE KEY-----",
);
const CUT_PEM = join("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq");
const SLACK_HOOK = "T00000000/B11111111/hYzrnopKc1s5cr44TwL2iGAB";

/** Each is hidden somewhere in the rows below, and must be nowhere in what is left of them. */
const PLANTED = [
  // People, hosts, addresses.
  "alice",
  "Alice Liddell",
  "bob.builder",
  "carla",
  "dmitri",
  "eva",
  "fileserver",
  "web7",
  "nas01",
  "db-prod-3.acme.internal",
  "shop.acme-widgets.com",
  "acme-widgets",
  "10.20.30.40",
  "192.168.77.8",
  "81.2.69.142",
  "fd12:3456:789a::1",
  "2a02:2f0f:8::77",
  "00:1b:44:11:3a:b7",
  // Secrets by their form.
  JWT,
  AWS_ID,
  AWS_SECRET,
  GITHUB,
  GITLAB,
  SLACK,
  STRIPE,
  GOOGLE,
  NPM,
  VAULT,
  SENDGRID,
  TELEGRAM,
  SLACK_HOOK,
  "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
  "MIIEpAIBAAKCAQEA7bq",
  // Secrets by their place.
  "hunter2",
  "correct horse battery",
  "tr0ub4dor&3",
  "p%40ssw0rd!",
  "S3cr3t-joined",
  "foobared9",
  "Winter2024!",
  "opensesame7",
  "zebra-crossing-9",
  "aGVsbG86d29ybGQ5",
  "deadbeefcafe",
  "sid-5f2a9c",
  "tiger77",
  "letmein99",
  "key-in-a-key-8842",
  "x9Kd82jPq0ZmN3vB7cR1tY5w",
  "f3a9c1d27b64e8059a1c3e5f7b9d2468",
  "jdbc-pa55",
  "mypin-4711",
  "sas%2Bsignature%3D9",
  "pipe-pass-1",
  "sudo-pass-2",
  "vnc-pass-3",
  "community-string-5",
] as const;

function plantedHost(): Recording {
  const argv = (...words: string[]) => ({ arguments: words, command_line: words.join(" ") });
  const processes = [
    { name: "bash", user_name: "alice", working_directory: "/home/alice/src", ...argv("-bash") },
    {
      name: "ssh",
      user_name: "carla",
      ...argv(
        "ssh",
        "-i",
        "/home/carla/.ssh/id_ed25519",
        "-p",
        "2222",
        "bob.builder@web7",
        "uptime",
      ),
    },
    { name: "rsync", user_name: "root", ...argv("rsync", "-a", "/srv/", "dmitri@nas01:/volume1/") },
    { name: "sshd", user_name: "root", ...argv("sshd: eva [priv]") },
    {
      name: "psql",
      user_name: "www-data",
      ...argv(
        "psql",
        "-h",
        "db-prod-3.acme.internal",
        "host=10.20.30.40 user=app password='correct horse battery' port=5432",
      ),
    },
    { name: "mysql", user_name: "root", ...argv("mysql", "-u", "root", "-pS3cr3t-joined", "shop") },
    {
      name: "mysql",
      user_name: "root",
      ...argv("mysql", "--password", "tr0ub4dor&3", "--execute", "SELECT 1"),
    },
    {
      name: "curl",
      user_name: "alice",
      ...argv(
        "curl",
        "-u",
        "alice:hunter2",
        "-H",
        `Authorization: Bearer ${JWT}`,
        "-H",
        "X-Api-Key: deadbeefcafe",
        "-H",
        "Cookie: sid=sid-5f2a9c; theme=dark",
        "https://shop.acme-widgets.com/v1?sig=sas%2Bsignature%3D9&page=2",
      ),
    },
    {
      name: "curl",
      user_name: "root",
      ...argv("curl", "-d", '{"text":"hi"}', `https://hooks.slack.com/services/${SLACK_HOOK}`),
    },
    {
      name: "git",
      user_name: "alice",
      ...argv("git", "clone", `https://x-access-token:${GITHUB}@github.com/acme/x.git`),
    },
    {
      name: "redis-cli",
      user_name: "root",
      ...argv("redis-cli", "-h", "192.168.77.8", "-a", "foobared9", "ping"),
    },
    {
      name: "smbclient",
      user_name: "root",
      ...argv("smbclient", "//srv/share", "-U", "CORP\\alice%Winter2024!"),
    },
    {
      name: "openssl",
      user_name: "root",
      ...argv("openssl", "enc", "-aes-256-cbc", "-pass", "pass:opensesame7", "-in", "x"),
    },
    {
      name: "sshpass",
      user_name: "root",
      ...argv("sshpass", "-p", "zebra-crossing-9", "ssh", "root@81.2.69.142"),
    },
    {
      name: "curl",
      user_name: "root",
      ...argv(
        "curl",
        "-H",
        "Authorization: Basic aGVsbG86d29ybGQ5",
        "http://[fd12:3456:789a::1]:8080/",
      ),
    },
    { name: "sqlplus", user_name: "root", ...argv("sqlplus", "scott/tiger77@orcl") },
    {
      name: "gpg",
      user_name: "root",
      ...argv("gpg", "--batch", "--passphrase", "letmein99", "-d", "f.gpg"),
    },
    { name: "sh", user_name: "root", ...argv("sh", "-c", "echo root:pipe-pass-1 | chpasswd") },
    { name: "sh", user_name: "root", ...argv("sh", "-c", "echo sudo-pass-2 | sudo -S id") },
    {
      name: "xfreerdp",
      user_name: "root",
      ...argv("xfreerdp", "/u:x", "/p:vnc-pass-3", "/v:host"),
    },
    {
      name: "snmpwalk",
      user_name: "root",
      ...argv("snmpwalk", "-v2c", "-c", "community-string-5", "2a02:2f0f:8::77"),
    },
    {
      name: "app",
      user_name: "root",
      ...argv(
        "/opt/app",
        `--slack=${SLACK}`,
        `--gitlab-token=${GITLAB}`,
        "--pin",
        "mypin-4711",
        `stripe=${STRIPE}`,
      ),
    },
    {
      name: "aws",
      user_name: "root",
      ...argv("aws", "configure", "set", "aws_secret_access_key", AWS_SECRET),
    },
    { name: "arp", user_name: "root", ...argv("arp", "-s", "81.2.69.142", "00:1b:44:11:3a:b7") },
    {
      name: "backup",
      user_name: "root",
      ...argv("/usr/local/bin/backup", "/mnt/fileserver/home/alice"),
    },
    // Seen again without its option: only the other row tells that it is a secret.
    { name: "tail", user_name: "root", ...argv("tail", "/tmp/tr0ub4dor&3.log") },
    {
      name: "java",
      user_name: "root",
      command_line: "java -jar app.jar",
      environment_variables: {
        PATH: "/usr/bin:/home/alice/bin",
        HOME: "/home/alice",
        MAIL: "/var/mail/alice",
        REAL_NAME: "Alice Liddell",
        HOSTNAME: "fileserver",
        AWS_ACCESS_KEY_ID: AWS_ID,
        AWS_SECRET_ACCESS_KEY: AWS_SECRET,
        GOOGLE_KEY: GOOGLE,
        DATABASE_URL: "postgres://app:p%40ssw0rd!@db-prod-3.acme.internal:5432/app",
        JDBC: "jdbc:mysql://10.20.30.40/x?user=app&password=jdbc-pa55&useSSL=true",
        DEPLOY_KEY: PEM,
        CUT: CUT_PEM,
        NOTHING_SUSPICIOUS: "x9Kd82jPq0ZmN3vB7cR1tY5w",
        INVOCATION: "f3a9c1d27b64e8059a1c3e5f7b9d2468",
        NODE_AUTH: `//registry.npmjs.org/:_authToken=${NPM}`,
        VAULT,
        MAILER: `smtp://apikey:${SENDGRID}@smtp.sendgrid.net`,
        BOT: `https://api.telegram.org/bot${TELEGRAM}/getMe`,
        CONTACT: "bob.builder@acme-widgets.com",
        CONFIG: '{"db":{"password":"hunter2","host":"db-prod-3.acme.internal"}}',
        "PREFIX_key-in-a-key-8842_SUFFIX": "1",
        LEAK_TOKEN: "key-in-a-key-8842",
      },
    },
  ];
  return recordingOf({
    processes: processes.map((row, index) => ({ pid: 100 + index, ...row })),
    users: [{ user_name: "alice", home_directory: "/home/alice", full_name: "Alice Liddell" }],
  });
}

Deno.test("redact() leaves nothing of what was planted in arguments, environments and paths", () => {
  assert(PLANTED.length >= 40);
  const before = everything(plantedHost());
  const after = everything(redact(plantedHost(), { seed: "seed" }).recording);
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
  for (const secret of PLANTED) {
    assert(
      before.includes(escaped(secret)) || before.includes(escaped(escaped(secret))),
      `${secret} is planted`,
    );
    assert(
      !after.toLowerCase().includes(escaped(secret).toLowerCase()),
      `${secret} is left: …${
        after.slice(Math.max(0, after.toLowerCase().indexOf(escaped(secret).toLowerCase()) - 200))
          .slice(0, 300)
      }`,
    );
  }
});

Deno.test("redact() gives the same names under the same seed, and others under another", () => {
  const one = everything(redact(plantedHost(), { seed: "one" }).recording);
  assertEquals(everything(redact(plantedHost(), { seed: "one" }).recording), one);
  assertNotEquals(everything(redact(plantedHost(), { seed: "two" }).recording), one);
});

Deno.test("redact() gives a value the same name in every table, column and json", () => {
  const { recording } = redact(
    recordingOf({
      processes: [{
        pid: 1,
        name: "vim",
        user_name: "alice",
        executable_path: "/home/alice/bin/vim",
        command_line: "vim /home/alice/notes",
        arguments: ["vim", "/home/alice/notes"],
        environment_variables: { USER: "alice", HOME: "/home/alice" },
      }],
      users: [{ user_name: "alice" }],
    }),
    { seed: "seed" },
  );
  const [user] = rowsOf(recording, "users");
  const name = String(user!.user_name);
  assertMatch(name, /^user\d{5}$/);
  assertEquals(rowsOf(recording)[0], {
    pid: 1,
    name: "vim",
    user_name: name,
    executable_path: `/home/${name}/bin/vim`,
    command_line: `vim /home/${name}/notes`,
    arguments: JSON.stringify(["vim", `/home/${name}/notes`]),
    environment_variables: JSON.stringify({ USER: name, HOME: `/home/${name}` }),
  });
});

Deno.test("redact() leaves alone what names nobody", () => {
  const harmless = [
    "/usr/sbin/nginx -g daemon off; worker_processes auto;",
    "postgres: 15/main: app shop [local] idle",
    "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
    "/usr/lib/x86_64-linux-gnu/libssl.so.1.1.0.2 python3.11 eslint@8.1.0 getty@tty1.service",
    "java -Djava.net.preferIPv4Stack=true org.apache.catalina.startup.Bootstrap start",
    "/sbin/agetty -o -p -- \\u --noclear - linux",
    "/bin/sh /etc/rc.local start",
    "memcached -m 64 -p 11211 -u memcache -l 127.0.0.1",
    "docker run -p 8080:80 --name web nginx:1.25",
    "curl -fsSL https://raw.githubusercontent.com/x/y/main/install.sh",
    "curl http://169.254.169.254/latest/meta-data/",
    "xmrig --donate-level 1 --coin monero -u 48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZnCHkKqRXx",
    "echo cm0gLXJmIC90bXAveAo= | base64 -d | sh",
    "std::vector 12:30:45 ::1 0.0.0.0 255.255.255.255 ff02::1",
  ];
  for (const text of harmless) assertEquals(line(text, { user_name: "postgres" }), text);
});

Deno.test("redact() keeps what the detection itself names", () => {
  const compiled = detectionOf(
    "SELECT pid FROM processes WHERE command_line LIKE '%c2.evil-host.net%' OR user_name = 'mallory'",
  );
  const recording = recordingOf({
    processes: [{
      pid: 1,
      user_name: "mallory",
      command_line: "nc c2.evil-host.net 80; nc other-host.net 80",
    }],
  });
  const [row] = rowsOf(redact(recording, { seed: "seed", compiled }).recording);
  assertEquals(row!.user_name, "mallory");
  assertMatch(
    String(row!.command_line),
    /^nc c2\.evil-host\.net 80; nc host\d{5}\.example\.com 80$/,
  );
});

Deno.test("redact() keeps addresses in their class and network", () => {
  const networks = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
  ];
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("10.", "192.168.", "172.20.", "100.100.").chain((prefix) =>
      fc.tuple(...Array.from({ length: 5 - prefix.split(".").length }, () => fc.nat(255)))
        .map((rest) => prefix + rest.join("."))
    ),
  );
  fc.assert(fc.property(address, (text) => {
    const renamed = line(`connect ${text} now`).split(" ")[1]!;
    assertEquals(addressClass(renamed), addressClass(text), `${text} became ${renamed}`);
    for (const network of networks) {
      assertEquals(inCidr(renamed, network) ?? false, inCidr(text, network) ?? false);
    }
  }));
});

Deno.test("redact() never gives two values the same name", () => {
  const hosts = Array.from({ length: 500 }, (_, index) => `8.8.${index % 4}.${1 + index % 125}`);
  const users = Array.from({ length: 500 }, (_, index) => `person${index}x`);
  const recording = recordingOf({
    processes: users.map((user_name, pid) => ({
      pid,
      user_name,
      command_line: `ping ${hosts[pid]}`,
    })),
  });
  const rows = rowsOf(redact(recording, { seed: "seed" }).recording);
  assertEquals(new Set(rows.map((row) => row.user_name)).size, 500);
  assertEquals(new Set(rows.map((row) => row.command_line)).size, new Set(hosts).size);
});

Deno.test("redact() keeps json json, with the digits of its numbers, whatever it holds", () => {
  fc.assert(fc.property(fc.json(), (json) => {
    const recording = recordingOf({ processes: [{ pid: 1 }] });
    const row = recording.tables.get("processes")!.rows[0]!;
    (row.values as Map<string, string>).set("environment_variables", json);
    const after = rowsOf(redact(recording, { seed: "seed" }).recording)[0]!;
    JSON.parse(String(after.environment_variables));
  }));
  const recording = recordingOf({ processes: [{ pid: 1 }] });
  const exact = '{"a":12345678901234567890,"b":[1.0,-0,1e400]}';
  (recording.tables.get("processes")!.rows[0]!.values as Map<string, string>).set(
    "platform_data",
    exact,
  );
  assertEquals(rowsOf(redact(recording, { seed: "seed" }).recording)[0]!.platform_data, exact);
});

Deno.test("redact() takes as long as a text is, whatever it is made of", () => {
  const size = 200_000;
  const started = performance.now();
  for (
    const [unit, before = "", after = ""] of [
      ["a"],
      ["a."],
      ["a:"],
      ["-"],
      ["="],
      ["a="],
      ["@"],
      ["a@a."],
      ["/home/"],
      ["1."],
      ["f:"],
      ["\ufdd0"],
      ["eyJ"],
      ["BEGIN PRIVATE KEY-----"],
      ["password"],
      ["password=1&"],
      [")", "password=", "x"],
      ["x ", "docker "],
      ["x "],
      ['"'],
      ["://"],
      ["A1"],
    ]
  ) {
    line(before + unit!.repeat(size / unit!.length) + after);
  }
  const words = (count: number, word: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => word(index)).join(" ");
  line(words(2_000, (index) => `8.8.${index >> 8}.${index & 255}`));
  line(words(5_000, (index) => `/home/u${index}x`));
  line(`mysql ${words(5_000, (index) => `-pS${index}x`)}`);
  // Minutes, where anything of it is looked through again and again.
  const took = performance.now() - started;
  assert(took < 60_000, `${took} ms`);
  assertEquals(line("a\ufdd3\ufde0b"), "a\ufffd\ufffdb");
});

Deno.test("redact() finds names where those that are usually given have run out", () => {
  const addresses = Array.from({ length: 1_500 }, (_, index) => `8.8.${index >> 8}.${index & 255}`);
  const renamed = line(addresses.join(" ")).split(" ");
  assertEquals(new Set(renamed).size, addresses.length);
  assert(renamed.every((address) => addressClass(address) === "public"));
  assertEquals(renamed.filter((address) => inCidr(address, "8.8.0.0/16")), []);
});

Deno.test("redact() takes of a value no more than belongs to it", () => {
  for (
    const [before, after] of [
      ["f(password=hunter22)", "f(password=#)"],
      ["a={password='hunter22'}", "a={password='#'}"],
      ['[{"password": "hunter22"}]', '[{"password": "#"}]'],
      ["--password=hunter22;x=1", "--password=#;x=1"],
      ["password=hunter22&next=1 x", "password=#&next=1 x"],
      ['sh -c "PASSWORD=hunter22"', 'sh -c "PASSWORD=#"'],
      ["password=hunter22)}]'", "password=#)}]'"],
      ["password=hun&ter22", "password=#"],
    ] as const
  ) {
    assertEquals(line(before).replace(/redacted-[\da-f]{8}/, "#"), after);
  }
});
