import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  compareLooks,
  lookAt,
  withUnread,
} from "../../../collectors/configmond/changes/compare.ts";
import { familiesOf } from "../../../collectors/configmond/changes/notify.ts";
import { watch } from "../../../collectors/configmond/changes/watch.ts";
import { FAMILIES } from "../../../collectors/configmond/families/mod.ts";
import type { Reading } from "../../../collectors/core/collector.ts";
import { openHost } from "../../../collectors/regmond/host.ts";
import { type Content, makeHost } from "../regmond/support.ts";
import { testWith } from "../support.ts";

const family = (name: string) => FAMILIES.find((family) => family.name === name)!;

async function changes(
  name: string,
  before: Readonly<Record<string, Content>>,
  after: Readonly<Record<string, Content>>,
) {
  await using one = await makeHost(before);
  await using other = await makeHost(after);
  const found = compareLooks(
    other.host,
    family(name),
    lookAt(one.host, family(name)),
    lookAt(other.host, family(name)),
    { before: 1, now: 2 },
  );
  return [...found].map((change) =>
    [
      change.change_type,
      change.config_path,
      change.setting_name,
      change.old_value,
      change.new_value,
      change.impact_level,
      change.rollback_available,
    ].join(" | ")
  );
}

Deno.test("compareLooks() tells what was made, modified and deleted", async () => {
  assertEquals(
    await changes("sshd", {
      "etc/ssh/sshd_config": "PermitRootLogin no\nPort 22\nBanner none\n",
    }, {
      "etc/ssh/sshd_config": "Port 22\nPermitRootLogin yes\nMaxSessions 3\n",
    }),
    [
      "modify | /etc/ssh/sshd_config | PermitRootLogin | no | yes | high | true",
      "create | /etc/ssh/sshd_config | MaxSessions |  | 3 | medium | true",
      "delete | /etc/ssh/sshd_config | Banner | none |  | medium | true",
    ],
  );
  assertEquals(await changes("preload", {}, { "etc/ld.so.preload": "/tmp/x.so\n" }), [
    "create | /etc/ld.so.preload | preload /tmp/x.so |  | /tmp/x.so | critical | true",
  ]);
});

Deno.test("compareLooks() tells parameters of the kernel only where they are modified", async () => {
  const proc = "proc/sys/kernel/randomize_va_space";
  const eth = "proc/sys/net/ipv4/conf/eth1/rp_filter";
  assertEquals(await changes("sysctl", { [proc]: "2\n" }, { [proc]: "0\n", [eth]: "1\n" }), [
    "modify | /proc/sys/kernel/randomize_va_space | kernel.randomize_va_space | 2 | 0 | high | true",
  ]);
  assertEquals(await changes("sysctl", { [eth]: "1\n" }, { [proc]: "2\n" }), []);
});

Deno.test("compareLooks() tells that a secret changed, not what it is", async () => {
  const unit = (secret: string) => ({
    "etc/systemd/system/x.service": `[Service]\nEnvironment=API_TOKEN=${secret}\n`,
  });
  assertEquals(await changes("units", unit("first"), unit("second")), [
    "modify | /etc/systemd/system/x.service | Service.Environment | API_TOKEN=[masked] | API_TOKEN=[masked] | medium | false",
  ]);
});

Deno.test("withUnread() keeps what could not be read this time", async () => {
  await using made = await makeHost({ "etc/login.defs": "UMASK 022\n" });
  const before = lookAt(made.host, family("login.defs"));
  const denied = { ...made.host, unread: ["/etc/login.defs (denied)"] };
  assertEquals(withUnread(denied, family("login.defs"), before, new Map()), before);
  assertEquals(withUnread(made.host, family("login.defs"), before, new Map()), new Map());
});

Deno.test("withUnread() keeps what lies in, or was included by, what could not be read this time", async () => {
  await using made = await makeHost({
    "etc/sudoers": "Defaults use_pty\n@includedir /etc/sudoers.d\n@include /opt/more\n",
    "etc/sudoers.d/ada": "ada ALL = ALL\n",
    "opt/more": "eve ALL = ALL\n",
  });
  const sudoers = family("sudoers");
  const before = lookAt(made.host, sudoers);
  assertEquals(before.size, 3);
  const kept = (unread: string) =>
    [...withUnread({ ...made.host, unread: [unread] }, sudoers, before, new Map()).values()]
      .map(({ path }) => path);
  assertEquals(kept("/etc/sudoers.d (not readable)"), ["/etc/sudoers.d/ada"]);
  assertEquals(kept("/etc/sudoers (denied)"), ["/etc/sudoers", "/etc/sudoers.d/ada", "/opt/more"]);
  // What was never read has included nothing.
  assertEquals(kept("/etc/sudoers.d/new (not readable)"), []);
  assertEquals(kept("/etc/sud (denied)"), []);
});

Deno.test("familiesOf() finds whose file was touched", () => {
  const names = (path: string) => familiesOf(path).map(({ name }) => name);
  assertEquals(names("/etc/sudoers.d/x"), ["sudoers"]);
  assertEquals(names("/etc/ssh/sshd_config.d/a.conf"), ["sshd"]);
  assertEquals(names("/etc/pam.d"), ["pam"]);
  assertEquals(names("/etc/included"), ["sshd", "sudoers"]);
});

/** Writes a file at once: who looks in the same process does not find it half written. */
function write(root: string, path: string, text: string): void {
  Deno.writeTextFileSync(join(root, path), text);
}

testWith(
  { Linux: Deno.build.os === "linux" },
  "watch() looks at parameters of the kernel while files are touched without end",
  async () => {
    await using made = await makeHost({
      "etc/hosts": "127.0.0.1 a\n",
      "proc/sys/kernel/randomize_va_space": "2\n",
    });
    const { root } = made;
    const signal = AbortSignal.timeout(60_000);
    const context = {
      filesRoot: root,
      procRoot: join(root, "proc"),
      signal,
      reconcileEvery: 600_000,
    };
    const watching = watch(context, { settle: 200, poll: 300, blind: 600_000 });
    const next = watching.next();
    const touching = setInterval(() => write(root, "etc/hosts", "127.0.0.1 a\n"), 20);
    try {
      await new Promise((resolve) => setTimeout(resolve, 100));
      write(root, "proc/sys/kernel/randomize_va_space", "0\n");
      assertEquals((await next).value?.row.setting_name, "kernel.randomize_va_space");
    } finally {
      clearInterval(touching);
    }
    await watching.return();
  },
);

testWith(
  { Linux: Deno.build.os === "linux" },
  "watch() tells what changes after its first look",
  async () => {
    await using made = await makeHost({
      "etc/ssh/sshd_config": "PermitRootLogin no\n",
      "proc/sys/kernel/randomize_va_space": "2\n",
    });
    const { root } = made;
    const aborter = new AbortController();
    const context = {
      filesRoot: root,
      procRoot: join(root, "proc"),
      signal: aborter.signal,
      reconcileEvery: 600_000,
    };
    const watching = watch(context, { settle: 20, poll: 100, blind: 100 });
    const next = async () => {
      const { value } = await watching.next() as IteratorResult<Reading>;
      const { change_type, setting_name, old_value, new_value } = value!.row;
      return [change_type, setting_name, old_value, new_value].join(" ");
    };
    const first = next();
    // The first look is over within that time; what is written earlier would be part of it.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    write(root, "etc/ssh/sshd_config", "PermitRootLogin yes\n");
    assertEquals(await first, "modify PermitRootLogin no yes");
    write(root, "proc/sys/kernel/randomize_va_space", "0\n");
    assertEquals(await next(), "modify kernel.randomize_va_space 2 0");
    await Deno.writeTextFile(join(root, "etc/sudoers"), "ada ALL=(ALL) NOPASSWD: ALL\n");
    assertEquals(await next(), "create User ada  ALL = (ALL) NOPASSWD: ALL");
    await Deno.remove(join(root, "etc/sudoers"));
    assertEquals(await next(), "delete User ada ALL = (ALL) NOPASSWD: ALL ");
    const ended = watching.next();
    aborter.abort();
    assert((await ended).done);
  },
);

testWith(
  { Linux: Deno.build.os === "linux" },
  "watch() finds by looking at everything what nobody told it",
  async () => {
    // The place does not exist when it begins to watch.
    await using made = await makeHost({ "etc/hosts": "127.0.0.1 a\n" });
    const { root } = made;
    const aborter = new AbortController();
    const context = {
      filesRoot: root,
      procRoot: join(root, "proc"),
      signal: aborter.signal,
      reconcileEvery: 200,
    };
    const watching = watch(context, { settle: 20, poll: 100, blind: 100 });
    const next = watching.next();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await Deno.mkdir(join(root, "run/modprobe.d"), { recursive: true });
    await Deno.writeTextFile(join(root, "run/modprobe.d/x.conf"), "blacklist x\n");
    assertEquals((await next).value!.row.setting_name, "blacklist x");
    aborter.abort();
    await watching.return();
  },
);

Deno.test("openHost() of nothing is a host without settings", () => {
  const host = openHost("/nonexistent", "/nonexistent", undefined);
  for (const family of FAMILIES) assertEquals(lookAt(host, family).size, 0);
});
