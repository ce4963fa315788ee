---
id: eb1dbf02-6ab3-4824-9192-88e690b8d379
title: Shell or interpreter with root's rights by a set-user-id file
description: >-
  A process has the effective user id of root while its real one is somebody else's, and it is a shell, an interpreter or
  another program that does whatever it is told; or its file lies where a distribution puts no set-user-id programs.
  sudo, su and pkexec change both ids. Somebody has put the set-user-id bit on such a file, or broken out of a program
  that has it.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1548/001/
  - https://man7.org/linux/man-pages/man7/credentials.7.html
  - https://gtfobins.github.io/#+suid
tags: [attack.privilege-escalation, attack.defense-evasion, attack.t1548.001]
platforms: [linux]
falsepositives:
  - Set-user-id wrappers that a site made itself, which start a shell before they give up either id
  - Monitoring plug-ins that were installed set-user-id in a home
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} has root's rights and runs {{executable_path}}"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, executable_hash, working_directory]
runbook: |
  1. Look at the file: `ls -l` and `stat` of `executable_path`. With the set-user-id bit on it, note owner, change time
     and hash; the change time is when root was first had. Without it, the parent is the program that was broken out of.
  2. Ask the package manager (`dpkg -V`, `rpm -V`) whether that file should have the bit, and search for others:
     `find / -xdev -perm -4000 -newermt …`.
  3. Whoever holds this shell is root. Isolate the host; then keep children, open files and the memory of the process.
  4. Look for what root did since then: new users, keys, units, kernel modules, `/etc/ld.so.preload`, changed programs.
  5. Close the hole that set the bit. Taking the bit away alone does not help: root can set it again.
---
SELECT
  pid,
  process_key,
  name,
  executable_path,
  executable_hash,
  command_line,
  user_id,
  effective_user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  session_id,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE effective_user_id = 0
  AND user_id <> 0
  AND (
    -- Shells and interpreters, editors and pagers that start a shell, and programs whose purpose is to start another.
    basename(executable_path) REGEXP '^((ba|da|z|k|a|c|tc|fi|mk)?sh|busybox|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*'
      || '|php[0-9.]*|lua[0-9.]*|node|expect|[gm]?awk|vim?([.][a-z]+)?|nano|less|more|find|xargs|env|nmap|gdb|strace|tar'
      || '|zip|rsync|tee|dd|cp|mv|cat|sed|git|docker|systemctl|nsenter|unshare|chroot|taskset|timeout|nice|nohup|setsid'
      || '|flock|watch|nc|ncat|nc[.][a-z]+|socat|curl|wget|openssl)$'
    -- Where users, and the programs of services, may write.
    OR executable_path REGEXP '^/(tmp|var/tmp|dev/shm|home|run/user|var/www)/'
  )
  -- The sandbox of browsers and Electron applications needs the bit, and keeps its file beside the application.
  AND (executable_path REGEXP '^/home/.*/chrome-sandbox$') IS NOT TRUE
