---
id: ba0b69f2-2994-429b-bdb7-96117dca47bc
title: Running program whose executable was deleted
description: >-
  A process runs a program that no longer has a file: it was unlinked after the start, or it never had one and lives in
  anonymous memory (memfd). Malware does so to leave nothing for a file scanner to find. Upgraded packages, which put a
  new file at the same path, are left out.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1070/004/
  - https://attack.mitre.org/techniques/T1620/
  - https://man7.org/linux/man-pages/man5/proc_pid_exe.5.html
  - https://man7.org/linux/man-pages/man2/memfd_create.2.html
tags: [attack.defense-evasion, attack.t1070.004, attack.t1620]
platforms: [linux]
falsepositives:
  - A package was removed, or its new version lies in a folder of another name (a PostgreSQL or JDK major version, an
    old build of VS Code Server), while its daemon still runs
  - A developer's build removed the program that is still running, or `go run` was killed and its child lived on
  - Tools that run from memory by design, such as some installers, sandboxes and agents of cloud providers
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) runs from deleted {{executable_path}}"
  entity: [process_key]
  context: [command_line, user_name, parent_process, executable_hash]
runbook: |
  1. Keep the program before anything else: while the process lives, `cp /proc/PID/exe evidence` still reads it, also
     from memory. Look its `executable_hash` up.
  2. Ask the package manager whether the path belongs to a package that was upgraded or removed today
     (`/var/log/dpkg.log`, `rpm -qa --last`). If so, restart the service and close the alert.
  3. A path in `/tmp`, `/dev/shm` or a home, or one that begins with `/memfd:`, has no such excuse. Follow the parent
     and the session: who started it, from where, what else did they start?
  4. Note open sockets and files (`ls -l /proc/PID/fd`, `ss -tupn`), take memory if you can, then stop the process
     (`kill -STOP` keeps it for study) and look for what would start it again: cron, systemd units, shell profiles.
---
SELECT
  pid,
  process_key,
  name,
  executable_path,
  file_exists,
  executable_hash,
  command_line,
  user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE executable_deleted = 1
  AND (
    -- An upgrade leaves a new file at the old path, and the old program runs on until its service is restarted.
    file_exists = 0
    -- A memfd never had a file. Whatever stands at that path now is not what runs.
    OR executable_path GLOB '/memfd:*'
    -- No package owns files here, so a second file at the path is no upgrade but perhaps a decoy.
    OR executable_path REGEXP '^/(tmp|var/tmp|dev/shm|run/shm)/'
  )
  -- Container runtimes start containers from a sealed copy of themselves, which lasts well under a second. Only root's
  -- are left out, only below a runtime, and only while they are young.
  AND (
    executable_path REGEXP '^/memfd:(runc|crun)_cloned:/proc/self/exe$'
    AND user_id = 0
    AND parent_process IN ('runc', 'crun', 'buildkit-runc', 'containerd-shim', 'conmon', 'dockerd')
    AND :now - start_time < 60000
  ) IS NOT TRUE
  -- lxc-attach does so too, and stays for as long as what it has started in the container does.
  AND (
    executable_path = '/memfd:lxc-attach'
    AND user_id = 0
    AND process_key IN (SELECT parent_key FROM processes WHERE container_id IS NOT NULL)
  ) IS NOT TRUE
