import { assert, assertEquals } from "@std/assert";
import { readSudoers } from "../../../collectors/configmond/families/sudoers.ts";
import { makeHost } from "../regmond/support.ts";
import { has, testWith } from "../support.ts";
import { ask, thisHost, told } from "./support.ts";

const TEXT = [
  "# a comment that does not go on \\",
  'Defaults env_reset, !lecture, secure_path="/sbin:/bin", passwd_tries=3',
  "Defaults:ada !authenticate",
  'Defaults env_keep += "A B"',
  "User_Alias ADMINS = ada, bob : OTHERS = carol",
  "Cmnd_Alias ALSO = EVERYTHING, /bin/ls : EVERYTHING = ALL",
  "Cmnd_Alias CIRCLE = CIRCLE, ROUND",
  "Cmnd_Alias ROUND = CIRCLE",
  "root\tALL=(ALL:ALL) ALL",
  "ADMINS, dave ALL = (root) NOPASSWD: \\",
  "    ALSO, PASSWD: /bin/rm",
  "%wheel h1, h2 = NOPASSWD: /bin/a\\,b -x, /bin/c : h3 = /bin/d",
  "#1000 ALL = SETENV: NOPASSWD: /bin/uid # why \\",
  "eve ALL = NOPASSWD: CIRCLE",
].join("\n");

Deno.test("readSudoers() reads defaults, aliases and who may do what without a password", async () => {
  await using made = await makeHost({ "etc/sudoers": TEXT });
  assertEquals(told((note) => readSudoers(made.host, note)), {
    lines: [
      "sudoers:2 Defaults.env_reset = true",
      "sudoers:2 Defaults.lecture = false",
      "sudoers:2 Defaults.secure_path = /sbin:/bin",
      "sudoers:2 Defaults.passwd_tries = 3",
      "sudoers:3 Defaults:ada.authenticate = false",
      "sudoers:4 Defaults.env_keep = +A B",
      "sudoers:5 User_Alias ADMINS = ada, bob",
      "sudoers:5 User_Alias OTHERS = carol",
      "sudoers:6 Cmnd_Alias ALSO = EVERYTHING, /bin/ls",
      "sudoers:6 Cmnd_Alias EVERYTHING = ALL",
      "sudoers:7 Cmnd_Alias CIRCLE = CIRCLE, ROUND",
      "sudoers:8 Cmnd_Alias ROUND = CIRCLE",
      "sudoers:9 User root = ALL = (ALL:ALL) ALL",
      'sudoers:10 User ADMINS, dave = ALL = (root) NOPASSWD: ALSO, PASSWD: /bin/rm {"without_password":["/bin/ls","ALL"]}',
      'sudoers:12 User %wheel = h1,h2 = NOPASSWD: /bin/a\\,b -x, /bin/c {"without_password":["/bin/a\\\\,b -x","/bin/c"]}',
      "sudoers:12 User %wheel = h3 = /bin/d",
      'sudoers:13 User #1000 = ALL = SETENV: NOPASSWD: /bin/uid {"without_password":["/bin/uid"]}',
      'sudoers:14 User eve = ALL = NOPASSWD: CIRCLE {"without_password":[]}',
    ],
    notes: [],
  });
});

Deno.test("readSudoers() follows includes, and leaves circles", async () => {
  await using made = await makeHost({
    "etc/sudoers":
      "@include sudoers.local\n#includedir /etc/sudoers.d\n@include /etc/host.%h\nlast ALL=ALL\n",
    "proc/sys/kernel/hostname": "box.example\n",
    "etc/sudoers.local": "a ALL=ALL\n@include /etc/sudoers\n",
    "etc/sudoers.d/10-x": "b ALL=ALL\n",
    "etc/sudoers.d/20-x.bak": "no ALL=ALL\n",
    "etc/sudoers.d/30-x~": "no ALL=ALL\n",
    "etc/host.box": "c ALL=ALL\n",
  });
  const { lines, notes } = told((note) => readSudoers(made.host, note));
  assertEquals(lines.map((line) => line.split(" ")[2]), ["a", "b", "c", "last"]);
  assertEquals(notes, ["/etc/sudoers includes itself"]);
});

Deno.test("readSudoers() reads 100,000 lines", async () => {
  const text = Array.from({ length: 100_000 }, (_, at) => `u${at} ALL=(ALL) NOPASSWD: ALL`);
  await using made = await makeHost({ "etc/sudoers": text.join("\n") });
  assertEquals(told((note) => readSudoers(made.host, note)).lines.length, 100_000);
});

testWith(
  { "cvtsudoers and visudo (sudo)": has("cvtsudoers") },
  "readSudoers() takes what cvtsudoers(1) takes",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
    const path = `${folder}/sudoers`;
    // sudo refuses aliases that mean themselves.
    const valid = TEXT.split("\n").filter((line) => !/CIRCLE/.test(line)).join("\n");
    await Deno.writeTextFile(path, `${valid}\n@includedir ${folder}/more\n`, { mode: 0o440 });
    await Deno.mkdir(`${folder}/more`);
    await Deno.writeTextFile(`${folder}/more/x`, "frank ALL=(ALL) NOPASSWD: ALL\n", {
      mode: 0o440,
    });
    await ask("visudo", "-c", "-O", "-f", path).catch(() => ask("visudo", "-c", "-f", path));
    interface Spec {
      readonly User_List: readonly Record<string, unknown>[];
      readonly Cmnd_Specs: readonly {
        readonly Options?: readonly { readonly authenticate?: boolean }[];
        readonly Commands: readonly { readonly command?: string; readonly cmndalias?: string }[];
      }[];
    }
    const said: { readonly User_Specs: readonly Spec[]; readonly Command_Aliases: object } = JSON
      .parse(await ask("cvtsudoers", "-e", "-f", "json", path));
    const free = (spec: Spec) =>
      spec.Cmnd_Specs.filter(({ Options = [] }) =>
        Options.some((one) => one.authenticate === false)
      )
        .flatMap(({ Commands }) => Commands.map(({ command }) => command!)).sort();
    const settings = [...readSudoers(thisHost(), () => {}, path)];
    const grants = settings.filter(({ name }) => name.startsWith("User "));
    assertEquals(grants.length, said.User_Specs.length);
    for (const [at, { name, more }] of grants.entries()) {
      const mine = (more?.without_password ?? []) as readonly string[];
      assertEquals(
        mine.map((one) => one.replaceAll("\\", "")),
        free(said.User_Specs[at]!).map((one) => one.replaceAll("\\", "")),
        name,
      );
    }
    assert(grants.some(({ name }) => name === "User frank"));
    await Deno.remove(folder, { recursive: true });
  },
);
