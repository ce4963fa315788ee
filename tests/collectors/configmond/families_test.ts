import { assert, assertEquals } from "@std/assert";
import { mergeSettings } from "../../../collectors/configmond/configuration.ts";
import { FAMILIES } from "../../../collectors/configmond/families/mod.ts";
import { nameOfFile } from "../../../collectors/configmond/families/sysctl.ts";
import type { Note } from "../../../collectors/configmond/setting.ts";
import type { Host } from "../../../collectors/regmond/host.ts";
import { type Content, makeHost } from "../regmond/support.ts";
import { has, isLinux, testWith } from "../support.ts";
import { ask, thisHost, told } from "./support.ts";

async function settings(family: string, files: Readonly<Record<string, Content>>) {
  await using made = await makeHost(files);
  return told((note) => read(made.host, family, note));
}

function read(host: Host, name: string, note: Note = () => {}) {
  return mergeSettings(host, FAMILIES.find((family) => family.name === name)!, note);
}

Deno.test("sysctl tells what is in force, and which file sets it", async () => {
  const { lines, notes } = await settings("sysctl", {
    "proc/sys/kernel/randomize_va_space": "0\n",
    "proc/sys/kernel/shmmax": "1\n",
    "proc/sys/net/ipv4/conf/all/rp_filter": "1\n",
    "proc/sys/net/ipv4/conf/eth0.1/rp_filter": "2\n",
    "proc/sys/net/ipv4/tcp_mem": "1\t2\t 3\n",
    "etc/sysctl.d/10-a.conf": "# off\nkernel.randomize_va_space = 2\nnet.ipv4.conf.*.rp_filter=2\n",
    "usr/lib/sysctl.d/10-a.conf": "kernel.randomize_va_space=9\n",
    "usr/lib/sysctl.d/50-b.conf":
      "kernel/randomize_va_space = 0\n-net.ipv4.conf.all.rp_filter = 1\n",
  });
  assertEquals(notes, []);
  assertEquals(lines, [
    'randomize_va_space kernel.randomize_va_space = 0 {"file":"/usr/lib/sysctl.d/50-b.conf","line":1,"configured":"0"}',
    "shmmax kernel.shmmax = ? not_collected",
    'rp_filter net.ipv4.conf.all.rp_filter = 1 {"file":"/usr/lib/sysctl.d/50-b.conf","line":2,"configured":"1"}',
    'rp_filter net.ipv4.conf.eth0/1.rp_filter = 2 {"file":"/etc/sysctl.d/10-a.conf","line":3,"configured":"2"}',
    "tcp_mem net.ipv4.tcp_mem = 1 2 3",
    "10-a.conf:2 kernel.randomize_va_space = 2 (overridden)",
    "10-a.conf:3 net.ipv4.conf.*.rp_filter = 2",
    "50-b.conf:1 kernel.randomize_va_space = 0",
    "50-b.conf:2 net.ipv4.conf.all.rp_filter = 1",
  ]);
  assertEquals(nameOfFile("net/ipv4/conf/eth0.1/x"), "net.ipv4.conf.eth0/1.x");
});

testWith(
  { Linux: isLinux, sysctl: has("sysctl") },
  "sysctl tells what sysctl -a tells",
  async () => {
    const said = new Map(
      (await ask("sysctl", "-a", "--ignore")).split("\n").map((line) => {
        const [name, ...value] = line.split(" = ");
        return [name!, value.join(" = ").trim().replace(/\s+/g, " ")];
      }),
    );
    const mine = read(thisHost(), "sysctl").filter(({ path }) => path.startsWith("/proc/"));
    let same = 0;
    const other: string[] = [];
    for (const { name, value } of mine) {
      if (value === null || !said.has(name)) continue;
      if (value === said.get(name) || said.get(name) === "") same++;
      else other.push(`${name}: ${value}, not ${said.get(name)}`);
    }
    // Some say something else at each look.
    assert(same > 500, String(same));
    assert(other.length <= 3, other.join("\n"));
    const missing = mine.filter(({ name, value }) => value !== null && !said.has(name));
    assert(missing.length < 20, missing.map(({ name }) => name).join(" "));
  },
);

Deno.test("units are told with what drop-ins change of them", async () => {
  const { lines } = await settings("units", {
    "etc/systemd/system/x.service": "[Service]\nExecStart=/a\nExecStart=/b \\\n  c\nUser=x\n; no\n",
    "usr/lib/systemd/system/x.service": "[Service]\nUser=shadowed\n",
    "etc/systemd/system/x.service.d/20.conf": "[Service]\nUser=root\nExecStart=\nExecStart=/evil\n",
    "run/systemd/system/x.service.d/10.conf": "[Service]\nUser=between\n",
    "usr/lib/systemd/system/x.service.d/20.conf": "[Service]\nUser=masked\n",
  });
  assertEquals(lines.toSorted(), [
    '10.conf:2 Service.User = between (overridden) {"unit":"x.service"}',
    '20.conf:2 Service.User = root {"unit":"x.service"}',
    '20.conf:4 Service.ExecStart = /evil {"unit":"x.service"}',
    'x.service:2 Service.ExecStart = /a\n/b    c (overridden) {"unit":"x.service"}',
    'x.service:5 Service.User = x (overridden) {"unit":"x.service"}',
  ]);
});

testWith(
  { "systemd-analyze": has("systemd-analyze") },
  "drop-ins are those of systemd-analyze cat-config, in its order",
  async () => {
    await using made = await makeHost({
      "etc/systemd/journald.conf": "[Journal]\nStorage=none\n",
      "etc/systemd/journald.conf.d/20-b.conf": "[Journal]\nStorage=volatile\n",
      "usr/lib/systemd/journald.conf.d/20-b.conf": "[Journal]\nStorage=auto\n",
      "run/systemd/journald.conf.d/30-a.conf": "[Journal]\nStorage=persistent\n",
      "usr/lib/systemd/journald.conf.d/10-z.conf": "[Journal]\nCompress=no\n",
    });
    const said = (await ask(
      "systemd-analyze",
      `--root=${made.root}`,
      "cat-config",
      "systemd/journald.conf",
    )).matchAll(/^# (\/.*)$/gm);
    const files = [...said].map(([, path]) => path!.replace(made.root, ""));
    const mine = read(made.host, "systemd");
    assertEquals(files.length, 4);
    assertEquals(
      new Set(mine.map(({ path }) => path)),
      new Set(files),
    );
    const storage = mine.filter(({ name }) => name === "Journal.Storage");
    assertEquals(storage.map(({ path }) => path), files.filter((path) => !/10-z/.test(path)));
    assertEquals(storage.filter(({ overridden }) => !overridden).map(({ value }) => value), [
      "persistent",
    ]);
  },
);

Deno.test("every other family has its settings", async () => {
  const cases: Readonly<Record<string, readonly [Record<string, Content>, readonly string[]]>> = {
    "login.defs": [{ "etc/login.defs": "# x\nUMASK\t\t022\nENCRYPT_METHOD SHA512\n" }, [
      "login.defs:2 UMASK = 022",
      "login.defs:3 ENCRYPT_METHOD = SHA512",
    ]],
    passwords: [{
      "etc/security/pwquality.conf": "minlen = 12\nenforce_for_root\n",
      "etc/security/faillock.conf": "deny=3\n",
    }, [
      "pwquality.conf:1 minlen = 12",
      "pwquality.conf:2 enforce_for_root = true",
      "faillock.conf:1 deny = 3",
    ]],
    pam: [{
      "etc/pam.d/su":
        "auth [success=1 default=ignore] /lib/pam_unix.so \\\n nullok\n@include common\n-session optional pam_x.so\n",
      "etc/pam.conf": "other auth required pam_deny.so\n",
    }, [
      "pam.conf:1 other auth pam_deny.so = required pam_deny.so",
      "su:1 auth pam_unix.so = [success=1 default=ignore] /lib/pam_unix.so nullok",
      "su:3 @include = common",
      "su:4 session pam_x.so = optional pam_x.so",
    ]],
    limits: [{ "etc/security/limits.conf": "* hard core 0\nbroken line\n" }, [
      "limits.conf:1 * hard core = 0",
    ]],
    preload: [{ "etc/ld.so.preload": "/lib/a.so:/lib/b.so # c\n" }, [
      "ld.so.preload:1 preload /lib/a.so = /lib/a.so",
      "ld.so.preload:1 preload /lib/b.so = /lib/b.so",
    ]],
    modprobe: [{
      "etc/modprobe.d/x.conf":
        "blacklist usb_storage\ninstall cramfs \\\n /bin/true\noptions a b=c\n",
    }, [
      "x.conf:1 blacklist usb_storage = true",
      "x.conf:2 install cramfs = /bin/true",
      "x.conf:4 options a = b=c",
    ]],
    names: [{
      "etc/resolv.conf": "nameserver 192.0.2.1\nnameserver 192.0.2.2\n;x y\n",
      "etc/hosts": "127.0.0.1 localhost box # me\n",
      "etc/nsswitch.conf": "passwd:  files systemd # x\n",
    }, [
      "resolv.conf:1 nameserver = 192.0.2.1\n192.0.2.2 {}",
      "hosts:1 localhost = 127.0.0.1",
      "hosts:1 box = 127.0.0.1",
      "nsswitch.conf:1 passwd = files systemd",
    ]],
    audit: [{
      "etc/audit/auditd.conf": "log_file = /var/log/audit/audit.log\n",
      "etc/audit/rules.d/x.rules": "-w /etc/passwd -p wa\n",
    }, [
      "auditd.conf:1 log_file = /var/log/audit/audit.log",
      "x.rules:1 rule -w /etc/passwd -p wa = -w /etc/passwd -p wa",
    ]],
    rsyslog: [{ "etc/rsyslog.conf": 'module(load="x")\nauth.* /var/log/auth.log\n' }, [
      'rsyslog.conf:1 module = (load="x")',
      "rsyslog.conf:2 auth.* = /var/log/auth.log",
    ]],
  };
  for (const [family, [files, expected]] of Object.entries(cases)) {
    assertEquals((await settings(family, files)).lines, expected, family);
  }
  const others = FAMILIES.map(({ name }) => name).filter((name) => !(name in cases));
  assertEquals(others, ["sysctl", "sshd", "sudoers", "systemd", "units"]);
});
