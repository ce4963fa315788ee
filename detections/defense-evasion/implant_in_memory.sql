---
id: c81d5b0e-46f7-4a19-9b3d-7e2f80a46c15
title: Known tool of intruders in the memory of a running program
description: >-
  The memory of a running program holds what known implants and bots are made of, whatever its file holds: a script that
  an interpreter was given over the network, a packed program that has unpacked itself, code that was brought into
  another process. Searched are interpreters, programs in folders that everybody may write to, and those whose file was
  deleted or never had a name; of each at most 128 MB.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1620/
  - https://attack.mitre.org/techniques/T1055/
  - https://github.com/rapid7/metasploit-payloads
tags: [attack.defense-evasion, attack.t1620, attack.t1055, attack.command-and-control, attack.t1219]
platforms: [linux]
falsepositives:
  - An exercise of the organisation's own security team
  - Programs in an interpreter that search for such tools, or have a report about them in memory
resources: { yara: [rules/implants_in_memory.yar] }
schedule: { every: 10m, splay: 2m }
suppression: { by: [process_key, rule_name], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} has {{rule_name}} in its memory"
  entity: [process_key]
  context: [executable_path, command_line, rule_name, rule_category, match_strings]
runbook: |
  1. Isolate the host from outside of it. Do not end the process: what it holds is nowhere else.
  2. Keep the memory (`gcore PID`), the file (`cp /proc/PID/exe`) and the connections (`ss -tanp`).
  3. What started it, and what came in with its input? An interpreter without a script was given one by a pipe.
  4. Look for the same peer, user and rule on the other hosts.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  y.rule_name,
  y.rule_category,
  y.match_strings
FROM processes p
AUTO JOIN yara_matches y ON y.pid = p.pid AND y.scan_target = 'memory'
WHEN p.executable_deleted
  OR p.executable_path REGEXP '^/(tmp|var/tmp|dev/shm)/'
  OR basename(p.executable_path) REGEXP '^(python|perl|ruby|php(-fpm|-cgi)?|lua)[0-9.]*$'
