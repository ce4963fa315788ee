---
id: 6b1e4f92-7a35-4c0d-8e21-5f9d03b7c4aa
title: Deleted program that is a known tool of intruders
description: >-
  A program runs whose file was deleted, or never had a name, and the file, which can still be read through the process,
  holds what known implants and bots are made of. Deleting oneself is how such tools hide from whoever searches disks.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1070/004/
  - https://attack.mitre.org/techniques/T1219/
  - https://github.com/BishopFox/sliver
tags: [attack.defense-evasion, attack.t1070.004, attack.command-and-control, attack.t1219]
platforms: [linux]
falsepositives:
  - An exercise of the organisation's own security team
resources: { yara: [rules/implants.yar] }
suppression: { by: [process_key, rule_name], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} runs the deleted {{executable_path}}: {{rule_name}}"
  entity: [process_key]
  context: [command_line, rule_name, rule_category, match_strings]
runbook: |
  1. Isolate the host from outside of it. Do not end the process: its file goes with it.
  2. Keep the file (`cp /proc/PID/exe`), the memory (`gcore PID`) and the connections (`ss -tanp`).
  3. Look for the same peer, user and hash on the other hosts.
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
AUTO JOIN yara_matches y ON y.pid = p.pid
WHEN p.executable_deleted
