import type { Host } from "../host.ts";
import { createHash } from "node:crypto";
import { filesIn, type Found, type Home, isExecutable, meaningful, nameOf } from "./item.ts";

const PROFILES = [
  "/etc/profile",
  "/etc/bash.bashrc",
  "/etc/bashrc",
  "/etc/zsh/zshrc",
  "/etc/zsh/zprofile",
  "/etc/zshrc",
];
const HOME_PROFILES = [
  ...[".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_logout"],
  ...[".zshenv", ".zprofile", ".zshrc", ".zlogin", ".xprofile", ".xsession", ".xinitrc"],
];

/** What shells read when they start, and desktops when a user logs in. */
export function* profiles(host: Host, homes: readonly Home[]): Generator<Found> {
  for (const path of [...PROFILES, ...filesIn(host, "/etc/profile.d", /[.](sh|csh|zsh)$/)]) {
    if (host.info(path)?.isFile) yield { kind: "shell_profile", path, name: nameOf(path) };
  }
  for (const { user, path: home } of homes) {
    for (const name of HOME_PROFILES) {
      const path = `${home}/${name}`;
      if (host.info(path)?.isFile) yield { kind: "shell_profile", path, name, user_name: user };
    }
  }
}

/** Programs of the Desktop Application Autostart Specification. */
export function* autostart(host: Host, homes: readonly Home[]): Generator<Found> {
  const folders = [
    { folder: "/etc/xdg/autostart", user: null },
    ...homes.map(({ user, path }) => ({ folder: `${path}/.config/autostart`, user })),
  ];
  for (const { folder, user } of folders) {
    for (const path of filesIn(host, folder, /[.]desktop$/)) {
      const text = host.text(path);
      const field = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1];
      yield {
        kind: "xdg_autostart",
        path,
        name: field("Name") || nameOf(path),
        command: field("Exec") ?? null,
        user_name: user,
        enabled: field("Hidden") !== "true" && field("X-GNOME-Autostart-enabled") !== "false",
      };
    }
  }
}

/** Types of keys in an authorized_keys file (sshd(8)). */
const KEY = /(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(.*))?$/;

/** Keys that may log in by SSH, by the fingerprint that ssh-keygen(1) shows. */
export function* authorizedKeys(host: Host, homes: readonly Home[]): Generator<Found> {
  for (const { user, path: home } of homes) {
    for (const file of ["authorized_keys", "authorized_keys2"]) {
      const path = `${home}/.ssh/${file}`;
      for (const [line] of meaningful(host.text(path))) {
        const [, , key, comment] = KEY.exec(line) ?? [];
        if (key === undefined) continue;
        const hash = createHash("sha256").update(key, "base64").digest("base64").replace(/=+$/, "");
        const [, command] = /^[^\s]*\bcommand="((?:[^"\\]|\\.)*)"/.exec(line) ?? [];
        yield {
          kind: "authorized_key",
          path,
          name: `SHA256:${hash}${comment ? ` ${comment}` : ""}`,
          command: command ?? null,
          user_name: user,
        };
      }
    }
  }
}

/** Modules that decide who may log in (pam.conf(5)). */
export function* pam(host: Host): Generator<Found> {
  for (const path of filesIn(host, "/etc/pam.d")) {
    for (const [line] of meaningful(host.text(path).replace(/\\\n/g, " "))) {
      const [, type, module, args = ""] =
        /^-?(\w+)\s+(?:\[[^\]]*\]|\w+)\s+(\S+[.]so)\b\s*(.*)$/.exec(line) ?? [];
      if (module === undefined) continue;
      yield { kind: "pam_module", path, name: `${type} ${module} ${args}`.trim(), command: module };
    }
  }
}

/** Scripts of update-motd(5), which root runs whenever somebody logs in. */
export function* greetings(host: Host): Generator<Found> {
  for (const path of filesIn(host, "/etc/update-motd.d")) {
    const enabled = isExecutable(host, path);
    yield {
      kind: "motd_script",
      path,
      name: nameOf(path),
      command: path,
      user_name: "root",
      enabled,
    };
  }
}
