import type { Host } from "../host.ts";
import { filesIn, type Found, isExecutable, meaningful, nameOf } from "./item.ts";

/** Scripts of System V init, which run where a link in a run level's folder says so (init-d-script(5)). */
export function* initScripts(host: Host): Generator<Found> {
  const started = new Set(
    ["2", "3", "4", "5"].flatMap((level) => host.list(`/etc/rc${level}.d`))
      .filter((name) => name.startsWith("S")).map((name) => name.replace(/^S\d\d/, "")),
  );
  for (const path of filesIn(host, "/etc/init.d")) {
    const name = nameOf(path);
    yield {
      kind: "init_script",
      path,
      name,
      command: path,
      user_name: "root",
      enabled: started.has(name),
    };
  }
}

/** Lines of `/etc/rc.local`, which systemd runs where it is executable (systemd-rc-local-generator(8)). */
export function* rcLocal(host: Host): Generator<Found> {
  for (const path of ["/etc/rc.local", "/etc/rc.d/rc.local"]) {
    const enabled = isExecutable(host, path);
    for (const [line, number] of meaningful(host.text(path))) {
      if (line === "exit 0") continue;
      yield {
        kind: "rc_local",
        path,
        name: `line ${number}`,
        command: line,
        user_name: "root",
        enabled,
      };
    }
  }
}

/** Libraries that the dynamic linker loads into every program (ld.so(8)). */
export function* preloads(host: Host): Generator<Found> {
  const path = "/etc/ld.so.preload";
  for (const library of host.text(path).replace(/#.*/g, "").split(/[\s:]+/).filter(Boolean)) {
    yield { kind: "ld_preload", path, name: library, command: library };
  }
}

/** Programs that rules of udev(7) run. */
export function* udevRules(host: Host): Generator<Found> {
  for (const folder of ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d"]) {
    for (const path of filesIn(host, folder, /[.]rules$/)) {
      for (const [line] of meaningful(host.text(path).replace(/\\\n/g, "  "))) {
        const runs = line.matchAll(
          /\b(?:RUN(?:\{program\})?\s*\+?:?=|PROGRAM\s*=?=|IMPORT\{program\}\s*=)\s*"([^"]*)"/g,
        );
        for (const [, command] of runs) {
          yield {
            kind: "udev_rule",
            path,
            name: command!,
            command: command!,
            user_name: "root",
          };
        }
      }
    }
  }
}

/** Modules loaded at boot (modules-load.d(5)), and what modprobe(8) runs instead of loading some. */
export function* moduleLoads(host: Host): Generator<Found> {
  const loads = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d"]
    .flatMap((folder) => filesIn(host, folder, /[.]conf$/));
  for (const path of ["/etc/modules", ...loads]) {
    for (const [name] of meaningful(host.text(path), /^\s*([#;]|$)/)) {
      yield { kind: "module_load", path, name, command: name, user_name: "root" };
    }
  }
  const folders = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d"];
  for (const path of folders.flatMap((folder) => filesIn(host, folder, /[.]conf$/))) {
    for (const [line] of meaningful(host.text(path))) {
      const [, name, command] = /^install\s+(\S+)\s+(.+)$/.exec(line) ?? [];
      if (command !== undefined) {
        yield { kind: "module_load", path, name: `install ${name}`, command, user_name: "root" };
      }
    }
  }
}

/** Commands that package managers run (apt.conf(5), dpkg(1)). */
export function* packageHooks(host: Host): Generator<Found> {
  for (const path of ["/etc/apt/apt.conf", ...filesIn(host, "/etc/apt/apt.conf.d")]) {
    const text = host.text(path).replace(/^\s*(\/\/|#(?!clear)).*$/gm, "");
    const hooks = text.matchAll(
      /\b((?:[A-Za-z]+::)?(?:Pre|Post)-(?:Install-Pkgs|Invoke(?:-Success)?))\b\s*(?:::)?\s*\{?\s*"((?:[^"\\]|\\.)*)"/g,
    );
    for (const [, name, command] of hooks) {
      yield {
        kind: "package_hook",
        path,
        name: `${name} ${command}`,
        command: command!,
        user_name: "root",
      };
    }
  }
  for (const path of ["/etc/dpkg/dpkg.cfg", ...filesIn(host, "/etc/dpkg/dpkg.cfg.d")]) {
    for (const [line] of meaningful(host.text(path))) {
      const [, name, command] = /^((?:pre|post)-invoke)[=\s]+(.+)$/.exec(line) ?? [];
      if (command !== undefined) {
        yield {
          kind: "package_hook",
          path,
          name: `${name} ${command}`,
          command,
          user_name: "root",
        };
      }
    }
  }
}
