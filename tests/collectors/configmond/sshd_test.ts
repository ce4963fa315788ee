import { assert, assertEquals } from "@std/assert";
import { readSshd, wordsOf } from "../../../collectors/configmond/families/sshd.ts";
import { makeHost } from "../regmond/support.ts";
import { isRoot, testWith } from "../support.ts";
import { ask, thisHost, told } from "./support.ts";

Deno.test("readSshd() takes the first of a setting, follows Include, and keeps Match apart", async () => {
  await using made = await makeHost({
    "etc/ssh/sshd_config": [
      "# PermitRootLogin no",
      "Include sshd_config.d/*.conf",
      "permitrootlogin yes",
      "Port 22",
      "Port=2222",
      'Banner "/etc/issue now" # shown',
      "ChallengeResponseAuthentication no",
      "Match User ada Address 10.0.0.0/8",
      "\tPermitRootLogin yes",
      "\tPermitRootLogin no",
      "\tInclude /opt/in_match",
      "\tX11Forwarding no",
    ].join("\n"),
    "etc/ssh/sshd_config.d/10.conf":
      "PermitRootLogin prohibit-password\nMatch Group wheel\nMaxAuthTries 3\n",
    "etc/ssh/sshd_config.d/20.conf": "MaxAuthTries 4\n",
    "opt/in_match": "PermitTTY no\nMatch User eve\nAllowTcpForwarding no\n",
  });
  assertEquals(told((note) => readSshd(made.host, note)), {
    lines: [
      "10.conf:1 PermitRootLogin = prohibit-password",
      "10.conf:3 Match Group wheel: MaxAuthTries = 3",
      "20.conf:1 MaxAuthTries = 4",
      "sshd_config:3 PermitRootLogin = yes (overridden)",
      "sshd_config:4 Port = 22",
      "sshd_config:5 Port = 2222",
      "sshd_config:6 Banner = /etc/issue now",
      "sshd_config:7 KbdInteractiveAuthentication = no",
      "sshd_config:9 Match User ada Address 10.0.0.0/8: PermitRootLogin = yes",
      "sshd_config:10 Match User ada Address 10.0.0.0/8: PermitRootLogin = no (overridden)",
      "in_match:1 Match User ada Address 10.0.0.0/8: PermitTTY = no",
      "in_match:3 Match User ada Address 10.0.0.0/8 User eve: AllowTcpForwarding = no",
      "sshd_config:12 Match User ada Address 10.0.0.0/8: X11Forwarding = no",
    ],
    notes: [],
  });
});

Deno.test("readSshd() leaves a circle of files, and says so", async () => {
  await using made = await makeHost({
    "etc/ssh/sshd_config": "Include /etc/ssh/a\nUsePAM yes\n",
    "etc/ssh/a": "Include /etc/ssh/sshd_config\nInclude /etc/ssh/a\nPort 1\n",
  });
  const { lines, notes } = told((note) => readSshd(made.host, note));
  assertEquals(lines, ["a:3 Port = 1", "sshd_config:2 UsePAM = yes"]);
  assertEquals(notes, ["/etc/ssh/sshd_config includes itself", "/etc/ssh/a includes itself"]);
});

Deno.test("readSshd() ends where each file includes two others", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [
      `etc/ssh/f${at}`,
      `Include /etc/ssh/f${at + 1}\nInclude /etc/ssh/f${at + 1}\nPort ${at}\n`,
    ]),
  );
  await using made = await makeHost({ "etc/ssh/sshd_config": "Include /etc/ssh/f0\n", ...files });
  const { notes } = told((note) => readSshd(made.host, note));
  assert(notes.some((note) => note.includes("more than 16 levels")), notes[0]);
  assert(notes.some((note) => note.includes("more than 10000 files")), notes.at(-1));
});

Deno.test("wordsOf() keeps together what quotes hold", () => {
  assertEquals(wordsOf(`a "b c" 'd e' f#g # h`), ["a", "b c", "d e", "f#g"]);
});

/** Where sshd(8) is, which does not tell its version and succeed. */
const hasSshd = await Deno.stat("/usr/sbin/sshd").then(() => true, () => false);

testWith(
  { "root, as sshd reads its keys": isRoot, "sshd (openssh-server)": hasSshd },
  "readSshd() takes what sshd -T takes",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
    await Deno.mkdir("/run/sshd", { recursive: true });
    await ask("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`);
    const text = [
      `HostKey ${folder}/key`,
      `Include ${folder}/*.conf`,
      "permitrootlogin=yes",
      "PermitRootLogin no",
      "PasswordAuthentication yes",
      "MaxAuthTries 4",
      "Port 22",
      "Port 2222",
      'Banner "/etc/a banner" # shown',
      "AllowUsers ada eve",
      "AllowUsers mallory",
      "LogLevel VERBOSE",
      "ChallengeResponseAuthentication no",
      "Match User ada",
      "PasswordAuthentication yes",
      "X11Forwarding no",
    ].join("\n");
    await Deno.writeTextFile(`${folder}/config`, text);
    await Deno.writeTextFile(`${folder}/1.conf`, "MaxSessions 3\nMatch Group x\nMaxSessions 9\n");
    await Deno.writeTextFile(`${folder}/2.conf`, "PasswordAuthentication no\nMaxSessions 4\n");
    const effective = (await ask("/usr/sbin/sshd", "-T", "-f", `${folder}/config`)).split("\n");
    const settings = [...readSshd(thisHost(), () => {}, `${folder}/config`)];
    const global = settings.filter(({ name, key, overridden }) => name === key && !overridden);
    assertEquals(global.length, 12);
    for (const { name, value } of global) {
      for (const word of name === "AllowUsers" ? value!.split(" ") : [value]) {
        const line = `${name.toLowerCase()} ${word}`;
        assert(effective.includes(line), `${line}\nnot in\n${effective.join("\n")}`);
      }
    }
    const ada = (await ask("/usr/sbin/sshd", "-T", "-C", "user=ada", "-f", `${folder}/config`))
      .split("\n");
    for (const { name, key, value } of settings) {
      if (name.startsWith("Match User ada: ")) {
        assert(ada.includes(`${key!.toLowerCase()} ${value}`), `${name} ${value}`);
      }
    }
    await Deno.remove(folder, { recursive: true });
  },
);
