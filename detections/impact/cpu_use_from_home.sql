---
id: c9b8a7d6-5e4f-4a3b-8c2d-1e0f9a8b7c68
title: Program from a home or temporary folder takes a processor
description: >-
  A program that lies in a home or in a folder where everybody may write has begun to use most of a processor: it is
  young, or was quiet until now. Miners run from such places.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1496/
tags: [attack.impact, attack.t1496]
platforms: [linux]
falsepositives:
  - Developers' builds, tests and language servers, which live in homes
  - Games, editors and scientific programs that users have installed for themselves
suppression: { by: [process_key], for: 6h }
alert:
  title: "{{name}} (pid {{pid}}) uses {{cpu_usage_percent}} % of a processor"
  entity: [process_key]
  context: [executable_path, command_line, user_name, parent_process]
runbook: |
  1. Is the user at work, and is this their program? Ask before you stop it.
  2. A service user has no programs in its home: treat that as an intrusion. Keep `/proc/PID/exe`, look its hash up, list
     its connections (mining pools: ports 3333, 4444, 14444, or TLS).
  3. Stop it, and look for what starts it again: cron, systemd user units, shell profiles.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_id,
  p.user_name,
  p.parent_process,
  p.run_time,
  round(f.cpu_usage_percent) AS cpu_usage_percent,
  f.cpu_time_total
FROM process_performance f
JOIN processes p ON p.pid = f.pid
WHERE
  f.cpu_usage_percent >= 80
  AND p.executable_path REGEXP '^/(home/[^/]+|root|tmp|var/tmp|dev/shm|var/lib/[^/]+|var/www|run/user/[0-9]+)/'
  -- What has always worked so hard is known to whoever runs it.
  AND (p.run_time < 600 OR f.cpu_time_total < p.run_time / 4.0)
