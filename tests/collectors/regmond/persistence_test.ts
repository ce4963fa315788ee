import { assert, assertEquals } from "@std/assert";
import { readPersistence } from "../../../collectors/regmond/persistence/mod.ts";
import { makeHost, rowsOf } from "./support.ts";

const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

Deno.test("readPersistence() finds what each mechanism starts", async () => {
  await using made = await makeHost({
    "etc/passwd":
      "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\nsys:x:3:3::/dev:/bin/false\n",
    "etc/crontab":
      "SHELL=/bin/sh\n# m h dom mon dow user command\n17 *  * * *  root  cd / && run-parts /etc/cron.hourly\n@reboot ada /home/ada/x\n",
    "etc/cron.d/job": "*/5 * * * * www-data /tmp/.x\n",
    "etc/cron.d/left.dpkg-old": "* * * * * root /not/taken\n",
    "etc/cron.daily/backup": { script: "#!/bin/sh\n" },
    "etc/cron.daily/off": "#!/bin/sh\n",
    "etc/anacrontab": "1 5 cron.daily run-parts /etc/cron.daily\n",
    "var/spool/cron/crontabs/ada": "0 4 * * 1 /home/ada/job --now\n",
    "var/spool/cron/atjobs/a00001019e4d2f": "#!/bin/sh\ncd /\n/tmp/later\n",
    "etc/systemd/system/evil.service": "[Service]\nExecStart=/bin/old\nUser=www-data\n",
    "etc/systemd/system/evil.service.d/10.conf":
      "[Service]\nExecStart=\nExecStart=/tmp/evil \\\n  --quiet\n",
    "etc/systemd/system/multi-user.target.wants/evil.service": { link: "../evil.service" },
    "usr/lib/systemd/system/evil.service": "[Service]\nExecStart=/shadowed\n",
    "usr/lib/systemd/system/quiet.service": "[Service]\nExecStart=/bin/quiet\n",
    "usr/lib/systemd/system/worker@.service": "[Service]\nExecStart=/bin/worker %i\n",
    "etc/systemd/system/multi-user.target.wants/worker@1.service": {
      link: "/usr/lib/systemd/system/worker@.service",
    },
    "etc/systemd/system/masked.service": { link: "/dev/null" },
    "etc/systemd/system/tick.timer": "[Timer]\nOnCalendar=daily\nOnBootSec=5min\n",
    "home/ada/.config/systemd/user/mine.service": "[Service]\nExecStart=/home/ada/mine\n",
    "home/ada/.config/autostart/x.desktop":
      "[Desktop Entry]\nName=X\nExec=/home/ada/x\nHidden=true\n",
    "home/ada/.bashrc": "alias ls=ls\n",
    "home/ada/.ssh/authorized_keys":
      `# keys\ncommand="/bin/only \\"this\\"",no-pty ssh-ed25519 ${KEY} ada@laptop\nnot a key\n`,
    "etc/rc.local": { script: "#!/bin/sh\n/opt/start\nexit 0\n" },
    "etc/init.d/old": { script: "#!/bin/sh\n" },
    "etc/init.d/unused": { script: "#!/bin/sh\n" },
    "etc/rc2.d/S01old": { link: "../init.d/old" },
    "etc/ld.so.preload": "/lib/evil.so /lib/two.so # why\n",
    "etc/udev/rules.d/99.rules":
      'ACTION=="add", \\\n  RUN+="/bin/udev-run"\n# RUN+="/no"\nPROGRAM="/bin/prog"\n',
    "etc/modules": "# none\nloop\n",
    "etc/modprobe.d/x.conf": "install usb-storage /bin/true\noptions x y\n",
    "etc/pam.d/sshd":
      "auth [success=1 default=ignore] pam_unix.so nullok\n@include common\n-session optional /tmp/evil.so\n",
    "etc/update-motd.d/00-hello": { script: "#!/bin/sh\n" },
    "etc/apt/apt.conf.d/50x":
      'DPkg::Post-Invoke { "touch /x || true"; };\n// DPkg::Pre-Invoke {"no";};\nAPT::Update::Pre-Invoke:: "hook";\n',
  });
  const found = new Set(
    rowsOf(readPersistence(made.host)).map((
      { kind, name, command, user_name, enabled, schedule },
    ) => [kind, name, command, user_name, enabled ? "on" : "off", schedule].join(" | ")),
  );
  const expected = [
    "cron | line 3 | cd / && run-parts /etc/cron.hourly | root | on | 17 * * * *",
    "cron | line 4 | /home/ada/x | ada | on | @reboot",
    "cron | line 1 | /tmp/.x | www-data | on | */5 * * * *",
    "cron | backup | /etc/cron.daily/backup | root | on | @daily",
    "cron | off | /etc/cron.daily/off | root | off | @daily",
    "cron | cron.daily | run-parts /etc/cron.daily | root | on | 1 5",
    "cron | line 1 | /home/ada/job --now | ada | on | 0 4 * * 1",
    "systemd_service | evil.service | /tmp/evil    --quiet | www-data | on | ",
    "systemd_service | quiet.service | /bin/quiet | root | off | ",
    "systemd_service | worker@.service | /bin/worker %i | root | on | ",
    "systemd_service | masked.service |  | root | off | ",
    "systemd_timer | tick.timer | tick.service | root | off | OnCalendar=daily; OnBootSec=5min",
    "systemd_service | mine.service | /home/ada/mine | ada | off | ",
    "xdg_autostart | X | /home/ada/x | ada | off | ",
    "shell_profile | .bashrc |  | ada | on | ",
    "rc_local | line 2 | /opt/start | root | on | ",
    "init_script | old | /etc/init.d/old | root | on | ",
    "init_script | unused | /etc/init.d/unused | root | off | ",
    "ld_preload | /lib/evil.so | /lib/evil.so |  | on | ",
    "ld_preload | /lib/two.so | /lib/two.so |  | on | ",
    "udev_rule | /bin/udev-run | /bin/udev-run | root | on | ",
    "udev_rule | /bin/prog | /bin/prog | root | on | ",
    "module_load | loop | loop | root | on | ",
    "module_load | install usb-storage | /bin/true | root | on | ",
    "pam_module | auth pam_unix.so nullok | pam_unix.so |  | on | ",
    "pam_module | session /tmp/evil.so | /tmp/evil.so |  | on | ",
    "motd_script | 00-hello | /etc/update-motd.d/00-hello | root | on | ",
    "package_hook | DPkg::Post-Invoke touch /x || true | touch /x || true | root | on | ",
    "package_hook | Update::Pre-Invoke hook | hook | root | on | ",
  ];
  for (const item of expected) {
    assert(found.delete(item), `${item}\nnot in\n${[...found].join("\n")}`);
  }
  const others = [...found].sort();
  assertEquals(others.length, 2, others.join("\n"));
  assert(others[0]!.startsWith("at | a00001019e4d2f | /tmp/later |"), others[0]);
  assert(others[1]!.startsWith("authorized_key | SHA256:"), others[1]);
  assert(others[1]!.includes('ada@laptop | /bin/only \\"this\\" | ada | on'), others[1]);
  assertEquals(made.host.unread, []);
});
