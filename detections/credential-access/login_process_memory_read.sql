---
id: c4260454-0c62-488c-a19e-007dd4239f49
title: Reading from a process that handles passwords
description: >-
  A debugger, tracer or dumper is attached to sshd, sudo, su, a login manager, an agent or a password store, or a program
  opens the memory of another process through /proc. Passwords and keys lie there in the clear: strace on sshd writes
  down what people type, gcore of an agent holds their keys.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1003/007/
  - https://attack.mitre.org/techniques/T1056/001/
  - https://man7.org/linux/man-pages/man2/ptrace.2.html
  - https://docs.kernel.org/admin-guide/LSM/Yama.html
tags: [attack.credential-access, attack.t1003.007, attack.collection, attack.t1056.001]
platforms: [linux]
falsepositives:
  - Administrators who trace a login that hangs, with strace on sshd or on sssd
  - Crash handlers of a desktop that attach gdb to a wallet or an agent that has crashed
  - Developers of these programs, and forensic acquisition
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} reads from a process that handles passwords"
  entity: [process_key]
  context: [command_line, target, parent_process, parent_command_line, working_directory]
runbook: |
  1. Ask whoever is logged in as that user, now: people who debug sshd or sudo know that they do. Nobody knows of it:
     treat every password typed since `start_time` as stolen.
  2. Find where the result goes: `-o` of strace and gcore, redirections (`ls -l /proc/PID/fd`), files of the same user in
     `/tmp`, `/var/tmp`, `/dev/shm` and the working directory. Keep the file; it tells what was seen.
  3. Stop the reader. Reading these processes takes root, so the host as a whole is lost: go up from the parent to see
     how root was got.
  4. Change the passwords of all who logged in, used sudo or typed a password since then, and replace keys that an agent
     held. Look for logins with them on other hosts.
  5. `kernel.yama.ptrace_scope = 2` or 3 keeps ordinary users from doing this at all.
---
WITH tool(dumper, memory) AS (
  SELECT
    -- Known for nothing else, also as scripts.
    '(?i)^(\S*/)?(((ba|da)?sh|python[0-9.]*) (\S*/)?)?(mimipenguin|mimipy|3snake|lazagne|swap_digger|pamspy)'
    || '([.][a-z]+)?(\s|$)',
    -- Whose memory it is matters little: nothing that reads it so is part of normal operation.
    '[\s=]/proc/[0-9]+/mem(\s|$)'
),
reader AS (
  SELECT
    pid,
    process_key,
    name,
    executable_path,
    command_line,
    user_id,
    user_name,
    ppid,
    parent_process,
    parent_command_line,
    working_directory,
    container_id,
    start_time,
    command_line REGEXP (SELECT dumper FROM tool) OR command_line REGEXP (SELECT memory FROM tool) AS by_itself
  FROM processes
  WHERE command_line REGEXP (SELECT dumper FROM tool)
    OR command_line REGEXP (SELECT memory FROM tool)
    -- Debuggers and tracers depend on what they are attached to. gcore is a script, so that its file is a shell's.
    OR name IN ('gdb', 'gcore', 'lldb', 'strace', 'ltrace', 'procdump', 'frida', 'frida-trace', 'reptyr', 'memdump')
    OR basename(executable_path) IN ('gdb', 'lldb', 'strace', 'ltrace', 'procdump', 'reptyr', 'memdump')
),
attached AS (
  SELECT
    reader.*,
    (
      SELECT group_concat(t.name || ' ' || t.pid, ', ')
      FROM processes t
      WHERE t.name IN (
          'sshd', 'sshd-session', 'sshd-auth', 'login', 'su', 'sudo', 'passwd', 'ssh-agent', 'gpg-agent',
          'gnome-keyring-d', 'kwalletd5', 'kwalletd6', 'keepassxc', 'gdm-session-wor', 'lightdm', 'sddm-helper',
          'polkit-agent-he', 'sssd_pam', 'sssd_be', 'systemd-logind'
        )
        -- -p 812, -p812, --pid=812, -p 4000,812, attach 812, gcore 812
        AND reader.command_line REGEXP '([\s=,]|-p)' || t.pid || '([\s,]|$)'
    ) AS target
  FROM reader
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  command_line,
  target,
  user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  working_directory,
  container_id,
  start_time
FROM attached
WHERE by_itself = 1
  OR target IS NOT NULL
