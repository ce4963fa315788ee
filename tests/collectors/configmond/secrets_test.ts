import { assert, assertEquals } from "@std/assert";
import { maskSecrets } from "../../../collectors/configmond/secrets.ts";

Deno.test("maskSecrets() hides secrets by the setting's name", () => {
  for (
    const name of [
      "password",
      "Service.ApiKey",
      "db-password",
      "bindpw",
      "X.client_secret",
      "token",
      "rocommunity",
    ]
  ) assertEquals(maskSecrets(name, "hunter2x"), "[masked]", name);
  for (
    const [name, value] of [
      ["PasswordAuthentication", "no"],
      ["PASS_MAX_DAYS", "99999"],
      ["passwd", "files systemd"],
      ["AuthorizedKeysFile", ".ssh/authorized_keys"],
      ["Defaults.passwd_tries", "3"],
      ["Service.LoadCredential", "a:/etc/a"],
      ["password pam_unix.so", "required pam_unix.so obscure"],
      ["HostKey", "/etc/ssh/key"],
      ["User ada", "ALL = NOPASSWD: ALL, PASSWD: /bin/rm"],
    ] as const
  ) assertEquals(maskSecrets(name, value), value, name);
});

Deno.test("maskSecrets() hides what looks like a secret", () => {
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def";
  for (
    const [value, secret] of [
      ["DB_PASSWORD=hunter2 MODE=x", "hunter2"],
      ["/bin/x --password hunter2 -v", "hunter2"],
      ["/bin/x --api-key=abc123", "abc123"],
      ["postgres://ada:hunter2@db/x", "hunter2"],
      ["curl -H 'Authorization: Bearer abcdefgh12345'", "abcdefgh12345"],
      ["root:$6$salt$abcdefghijklmnop:1", "$6$salt$abcdefghijklmnop"],
      ["key AKIAABCDEFGHIJKLMNOP here", "AKIAABCDEFGHIJKLMNOP"],
      ["ghp_abcdefghijklmnopqrstuvwxyz", "ghp_abcdefghijklmnopqrstuvwxyz"],
      [jwt, jwt],
      ["-----BEGIN RSA PRIVATE KEY-----\nabc", "abc"],
    ] as const
  ) {
    const masked = maskSecrets("x", value);
    assert(!masked.includes(secret) && masked.includes("[masked]"), masked);
  }
  assertEquals(maskSecrets("Service.Environment", "A_TOKEN='x y' B=2"), "A_TOKEN=[masked] B=2");
});

Deno.test("maskSecrets() cuts what no setting has, and ends", () => {
  for (
    const text of [
      "a".repeat(100_000),
      "password ".repeat(20_000),
      "x://".repeat(30_000),
      "--".repeat(50_000),
      " ".repeat(100_000),
      "-a".repeat(50_000),
    ]
  ) {
    assert(maskSecrets("x", text).length < 40_000);
  }
});
