import { assertEquals, assertObjectMatch } from "@std/assert";
import fc from "fast-check";
import { passwordStatus, readGroups, readUsers } from "../../../collectors/regmond/accounts.ts";
import { makeHost, rowsOf } from "./support.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ada:x:1000:1000:Ada Lovelace,Room 1,,:/home/ada:/bin/zsh
old::1001:1001::/home/old:
+nis::::::
broken:x:nonsense:0:::
short:x:5
toor:x:0:0::/root:/bin/sh
`;
const SHADOW = `root:$y$j9T$abc:20000:0:99999:7:::
daemon:*:19000:0:99999:7:::
ada:!$y$j9T$abc:20001:0:99999:7::21000:
`;

Deno.test("readUsers() reads accounts with what shadow(5) says of them", async () => {
  await using made = await makeHost({
    "etc/passwd": PASSWD,
    "etc/shadow": SHADOW,
    "root/.ssh/authorized_keys": "# mine\nssh-ed25519 AAAA a\n\n  ssh-rsa BBBB b\n",
    "home/ada/.ssh/authorized_keys2": "ssh-ed25519 CCCC",
  });
  const rows = rowsOf(readUsers(made.host, new Set(["authorized_keys"])));
  assertEquals(rows.map(({ user_name }) => user_name), ["root", "daemon", "ada", "old", "toor"]);
  const [root, daemon, ada, old] = rows;
  const day = 86_400_000;
  assertObjectMatch(root!, {
    can_login: true,
    password_status: "set",
    password_changed: 20000 * day,
    account_expires: null,
    authorized_keys: 2,
  });
  assertObjectMatch(daemon!, { can_login: false, password_status: "none", authorized_keys: 0 });
  assertObjectMatch(ada!, {
    full_name: "Ada Lovelace",
    password_status: "locked",
    account_expires: 21000 * day,
    authorized_keys: 1,
  });
  assertObjectMatch(old!, {
    password_status: "empty",
    shell: null,
    can_login: true,
    full_name: null,
  });
});

Deno.test("readUsers() tells a password that it may not look at from none", async () => {
  await using made = await makeHost({ "etc/passwd": PASSWD });
  const readings = [...readUsers(made.host, new Set())];
  assertEquals(readings[0]!.row.password_status, null);
  assertEquals(readings[0]!.gaps?.password_status, "not_collected");
  assertEquals(readings[3]!.gaps, {});
});

Deno.test("passwordStatus() knows what shadow(5) writes", () => {
  const known = {
    "": "empty",
    "*": "none",
    "!": "none",
    "!!": "none",
    "!*": "none",
    "!$6$x": "locked",
    "$6$x": "set",
  };
  for (const [field, status] of Object.entries(known)) assertEquals(passwordStatus(field), status);
});

Deno.test("readGroups() reads groups and who is privileged by them", async () => {
  await using made = await makeHost({
    "etc/group": "root:x:0:\nsudo:x:27:ada, bob,,\nusers:x:100:ada\nwheel2:x:0:\nbad:x:y:z\n",
  });
  assertEquals(
    rowsOf(readGroups(made.host)).map(({ group_name, members, member_count, privileged }) => [
      group_name,
      members,
      member_count,
      privileged,
    ]),
    [
      ["root", "[]", 0, true],
      ["sudo", '["ada","bob"]', 2, true],
      ["users", '["ada"]', 1, false],
      ["wheel2", "[]", 0, true],
    ],
  );
});

Deno.test("readers of accounts survive any text", async () => {
  const text = fc.array(
    fc.oneof(
      fc.constantFrom("root:x:0:0:a:/root:/bin/sh", ":", "::::::", "a:b", "\0"),
      fc.string(),
    ),
  ).map((lines) => lines.join("\n"));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (passwd, shadow, group) => {
      await using made = await makeHost({
        "etc/passwd": passwd,
        "etc/shadow": shadow,
        "etc/group": group,
      });
      rowsOf(readUsers(made.host, new Set(["authorized_keys"])));
      rowsOf(readGroups(made.host));
    }),
    { numRuns: 50 },
  );
});
