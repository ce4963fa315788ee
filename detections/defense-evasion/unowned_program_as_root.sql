---
id: 6f0b7c1d-2e58-4a94-b3c6-71d9a0e5f824
title: Program of root in a system folder that no package owns
description: >-
  A program runs as root from a folder that belongs to the package manager, and no package has brought it. What is put
  there by hand looks like a part of the system, is found by every PATH, and survives a look at unusual folders.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1036/005/
  - https://attack.mitre.org/techniques/T1554/
  - https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch04s09.html
tags: [attack.defense-evasion, attack.persistence, attack.t1036.005, attack.t1554]
platforms: [linux]
falsepositives:
  - Installers of vendors that copy their programs into /usr/bin without a package
  - Programs of pip, npm or a compiler that were installed as root with the prefix /usr
schedule: { every: 2m }
suppression: { by: [process_key], for: 1d }
alert:
  title: "{{name}} (pid {{pid}}) runs as root from {{executable_path}}, which no package owns"
  entity: [process_key]
  context: [command_line, user_name, ppid]
runbook: |
  1. `dpkg -S FILE` or `rpm -qf FILE`; `stat FILE` tells when it came, the shell histories and logs of that time how.
  2. Compare its hash with other hosts, and look it up; keep a copy (`cp /proc/PID/exe`).
  3. What starts it: `persistence_items`, the parent process, units and cron jobs that name it.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  p.ppid
FROM processes p
AUTO JOIN code_signing s ON s.pid = p.pid
-- /usr/local, /opt and home folders are the administrator's, and no package is asked for them.
WHEN p.effective_user_id = 0
  AND p.executable_path REGEXP '^(/usr)?/(bin|sbin|lib|lib32|lib64|libx32|libexec)/'
WHERE NOT s.package_owned
