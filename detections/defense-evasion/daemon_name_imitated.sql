---
id: 25cff4cb-df43-4d2c-9bc4-2559cb4cc1d5
title: Program under the name of a well-known daemon
description: >-
  A process calls itself sshd, nginx, rsyslogd or another daemon that every list of processes shows, but runs another
  file. A program may write any name it likes over its first argument, and Perl bots, miners and backdoors choose the
  ones that nobody looks at twice.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1036/005/
  - https://attack.mitre.org/techniques/T1036/011/
  - https://man7.org/linux/man-pages/man2/execve.2.html
  - https://man7.org/linux/man-pages/man2/pr_set_name.2const.html
tags: [attack.defense-evasion, attack.t1036.005, attack.t1036.011]
platforms: [linux]
falsepositives:
  - A daemon that was built or packaged under another file name, or that a wrapper starts with the old name
  - One program with many names other than busybox, which starts by the name of a daemon
  - Programs of one's own that set their title to the name of a daemon which they stand for
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{executable_path}} (pid {{pid}}) calls itself {{claimed}}"
  entity: [process_key]
  context: [name, command_line, user_name, parent_process, parent_command_line]
runbook: |
  1. Compare with the true one: `systemctl status sshd` (or the daemon in question) names its main process and file. A
     second one outside of its control group, under another user or with another file, is the imitation.
  2. Perl, Python, a shell or a file in `/tmp`, a home or a hidden folder under such a name has no innocent reason. Keep
     the program or script (`cp /proc/PID/exe evidence`, `ls -l /proc/PID/fd`, `/proc/PID/cwd`) and its open sockets.
  3. Look for what starts it: crontabs, systemd units, `rc.local`, shell profiles of `user_name`; and for the service
     through which that user was reached.
  4. Where the file is a renamed build of the real daemon, add an exception for its exact path.
---
WITH daemon(pattern) AS (
  SELECT
    '^(sshd|nginx|apache2|httpd|lighttpd|haproxy|mysqld|mariadbd|postgres|redis-server|mongod|memcached|crond|atd'
    || '|rsyslogd|syslog-ng|auditd|dbus-daemon|systemd-(journald|logind|resolved|networkd|timesyncd|machined)'
    || '|NetworkManager|ModemManager|polkitd|accounts-daemon|udisksd|avahi-daemon|cupsd|acpid|irqbalance|smartd|chronyd'
    || '|ntpd|dhclient|dnsmasq|named|wpa_supplicant|agetty|snapd|dockerd|snmpd|zabbix_agentd|vsftpd|proftpd|exim4|Xorg)$'
),
titled AS (
  SELECT
    pid,
    name,
    -- The first word of the command line without its folder. Daemons that change it put a colon behind it.
    basename(rtrim(substr(command_line, 1, instr(command_line || ' ', ' ') - 1), ':')) AS title,
    -- On NixOS a wrapped program has a dot before its name.
    ltrim(basename(executable_path), '.') AS file,
    contains(command_line, name) AS named
  FROM processes
),
claim AS (
  SELECT
    pid,
    file,
    CASE
      WHEN title REGEXP (SELECT pattern FROM daemon) THEN title
      -- A script has its own name here too, but then it stands among the arguments.
      WHEN name REGEXP (SELECT pattern FROM daemon) AND named = 0 THEN name
    END AS claimed
  FROM titled
)
SELECT
  p.pid,
  p.process_key,
  c.claimed,
  p.name,
  p.executable_path,
  p.executable_hash,
  p.command_line,
  p.user_id,
  p.user_name,
  p.ppid,
  p.parent_process,
  p.parent_command_line,
  p.working_directory,
  p.root_directory,
  p.container_id,
  p.start_time
FROM claim c
JOIN processes p ON p.pid = c.pid
WHERE
  -- Its own file, perhaps with something behind it: sshd-session, nginx-debug, and what package managers rename it to
  -- during an upgrade.
  NOT starts_with(c.file, c.claimed)
  -- MariaDB answers to the name of MySQL and the other way round; Valkey, and Redis' own checker, to that of Redis.
  AND (c.claimed IN ('mysqld', 'mariadbd') AND c.file IN ('mysqld', 'mariadbd')) IS NOT TRUE
  AND (
    c.claimed = 'redis-server'
    AND c.file IN ('redis-check-rdb', 'valkey-server', 'valkey-check-rdb')
  ) IS NOT TRUE
  -- One file with many names, from where the distribution puts it, which for a daemon in a chroot is below its own root.
  AND (
    c.claimed IN ('crond', 'httpd', 'ntpd', 'acpid')
    AND substr(p.executable_path, length(COALESCE(rtrim(p.root_directory, '/'), '')) + 1)
      REGEXP '^(/usr)?/s?bin/busybox(-[a-z]+|[.][a-z]+)?$'
  ) IS NOT TRUE
