import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readConfiguration, wantedBy } from "../../../collectors/configmond/configuration.ts";
import { FAMILIES } from "../../../collectors/configmond/families/mod.ts";
import { readPolicies } from "../../../collectors/configmond/policies/mod.ts";
import type { TaskKeys } from "../../../model/collection.ts";
import { type Content, makeHost } from "../regmond/support.ts";

const FILES: Readonly<Record<string, Content>> = {
  "proc/sys/kernel/randomize_va_space": "0\n",
  "proc/sys/net/ipv4/tcp_syncookies": "1\n",
  "etc/ssh/sshd_config":
    "Include /opt/ssh/*.conf\nPermitRootLogin yes\nMatch User x\nPermitRootLogin no\n",
  "etc/ssh/sshd_config.bak": "",
  "opt/ssh/one.conf": "PermitRootLogin no\nPasswordAuthentication yes\n",
  "etc/systemd/system/x.service": "[Service]\nEnvironment=DB_PASSWORD=hunter2\nUser=x\n",
};

async function rows(keys: TaskKeys, files = FILES): Promise<Record<string, unknown>[]> {
  await using made = await makeHost(files);
  const notes: string[] = [];
  const found = [...readConfiguration(made.host, keys, (note) => notes.push(note), () => 5)];
  assertEquals(notes, []);
  return found.map(({ row }) => ({ ...row }));
}

const brief = (found: readonly Record<string, unknown>[]) =>
  found.map(({ config_path, setting_name, setting_value, compliance_status }) =>
    [config_path, setting_name, setting_value, compliance_status].join(" | ")
  );

Deno.test("readConfiguration() answers for a path, a pattern and a category", async () => {
  assertEquals(
    brief(await rows({ column: "config_path", values: ["/etc/ssh/sshd_config"] })),
    [
      "/etc/ssh/sshd_config | PermitRootLogin | yes | unknown",
      "/etc/ssh/sshd_config | Match User x: PermitRootLogin | no | compliant",
    ],
  );
  // Nobody knows this place; sshd includes it.
  assertEquals(brief(await rows({ column: "config_path", globs: ["/opt/*"] })), [
    "/opt/ssh/one.conf | PermitRootLogin | no | compliant",
    "/opt/ssh/one.conf | PasswordAuthentication | yes | non_compliant",
  ]);
  assertEquals(brief(await rows({ column: "category", values: ["security", "network"] })), [
    "/proc/sys/kernel/randomize_va_space | kernel.randomize_va_space | 0 | non_compliant",
    "/proc/sys/net/ipv4/tcp_syncookies | net.ipv4.tcp_syncookies | 1 | compliant",
  ]);
  assertEquals(await rows({ column: "category", values: ["other"] }), []);
});

Deno.test("readConfiguration() tells where a setting stands, and keeps secrets", async () => {
  const [root] = await rows({ column: "config_path", values: ["/etc/ssh/sshd_config"] });
  assertEquals({ ...root, modified_time: typeof root!.modified_time }, {
    config_path: "/etc/ssh/sshd_config",
    config_type: "file",
    setting_name: "PermitRootLogin",
    setting_value: "yes",
    setting_type: "boolean",
    category: "authentication",
    modified_time: "number",
    modified_by: null,
    backup_available: true,
    compliance_status: "unknown",
    analysis_time: 5,
    platform_data: '{"family":"sshd","line":2,"effective":false}',
  });
  const unit = await rows({ column: "config_path", globs: ["/etc/systemd/system/*"] });
  assertEquals(brief(unit), [
    "/etc/systemd/system/x.service | Service.Environment | DB_PASSWORD=[masked] | unknown",
    "/etc/systemd/system/x.service | Service.User | x | unknown",
  ]);
  assert(!JSON.stringify(unit).includes("hunter2"));
});

Deno.test("a value that cannot be read is neither right nor wrong", async () => {
  await using made = await makeHost({ "proc/sys/kernel/hostname": "x\n" });
  const [reading] = readConfiguration(made.host, { column: "category", globs: ["*"] }, () => {});
  assertEquals(reading!.row.setting_value, null);
  assertEquals(reading!.gaps, { setting_value: "not_collected" });
});

Deno.test("wantedBy() leaves a path to those who know it", () => {
  const names = (keys: TaskKeys) => wantedBy(keys).families.map(({ name }) => name);
  assertEquals(names({ column: "config_path", values: ["/etc/login.defs"] }), ["login.defs"]);
  assertEquals(names({ column: "config_path", values: ["/opt/x"] }), ["sshd", "sudoers"]);
  assertEquals(names({ column: "config_path", globs: ["/proc/sys/kernel/*"] }), ["sysctl"]);
  assertEquals(names({ column: "config_path", globs: ["/etc/pam.d/s*", "/etc/sudo*"] }), [
    "pam",
    "sudoers",
  ]);
  assertEquals(
    names({ column: "config_path", globs: ["/*"] }).length,
    FAMILIES.length,
  );
});

/** Places in which each family looks for its text. */
const PLACES = [
  "etc/ssh/sshd_config",
  "etc/sudoers",
  "etc/sudoers.d/x",
  "etc/sysctl.d/x.conf",
  "etc/login.defs",
  "etc/security/pwquality.conf",
  "etc/security/limits.conf",
  "etc/pam.d/x",
  "etc/pam.conf",
  "etc/ld.so.preload",
  "etc/modprobe.d/x.conf",
  "etc/resolv.conf",
  "etc/hosts",
  "etc/nsswitch.conf",
  "etc/systemd/journald.conf",
  "etc/systemd/system/x.service",
  "etc/audit/auditd.conf",
  "etc/audit/audit.rules",
  "etc/rsyslog.conf",
  "proc/sys/kernel/core_pattern",
  "sys/kernel/security/lockdown",
  "sys/module/apparmor/parameters/enabled",
  "sys/kernel/security/apparmor/profiles",
];

const WORDS = [
  ...["Match", "Include", "/etc/ssh/*", "@include", "#includedir", "Defaults", "Cmnd_Alias", "A"],
  ...["ALL", "NOPASSWD:", "(", ")", "=", ",", ":", "\\", '"', "'", "[", "]", "[Service]", "\n"],
  ...["\\\n", "#", ";", "\0", "\ud800", "é", " ", "\t", "kernel.x", "auth", "x.so", "Y", "[none]"],
];

Deno.test("nothing that files hold makes the readers fail", async () => {
  const words = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8 })), {
    maxLength: 40,
  });
  const text = fc.tuple(words, fc.constantFrom("", " ")).map(([all, by]) => all.join(by));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => new Uint8Array(array));
  await fc.assert(
    fc.asyncProperty(
      fc.record(Object.fromEntries(PLACES.map((place) => [place, fc.oneof(text, bytes)]))),
      async (files) => {
        await using made = await makeHost(files as Record<string, Content>);
        const keys: TaskKeys = { column: "category", globs: ["*"] };
        const readings = [
          ...readConfiguration(made.host, keys, () => {}),
          ...readPolicies(made.host, { column: "policy_id", globs: ["*"] }, () => {}),
        ];
        for (const { row } of readings) JSON.parse(String(row.platform_data));
        const ids = readings.map(({ row }) =>
          JSON.stringify([row.config_path, row.setting_name, row.policy_id])
        );
        assertEquals(new Set(ids).size, ids.length);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("long lines are read in time", async () => {
  const long = 2_000_000;
  for (const filler of [" ", "a", "a ", "\\", '"', "=", ",", "(", ":", "[", "#a"]) {
    const text = filler.repeat(long / filler.length);
    await using made = await makeHost(
      Object.fromEntries(PLACES.map((place) => [place, `x ${text}`])),
    );
    const started = performance.now();
    const keys: TaskKeys = { column: "category", globs: ["*"] };
    for (const _ of readConfiguration(made.host, keys, () => {}));
    // What takes a time that grows with the square takes minutes.
    assert(performance.now() - started < 60_000, JSON.stringify(filler));
  }
});
