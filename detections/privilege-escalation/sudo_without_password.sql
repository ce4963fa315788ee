---
id: 0f2c8d5a-7b3e-4e19-9c6d-1a4b5e8f7c23
title: Somebody may do everything by sudo without a password
description: >-
  Since the last look a line of sudoers lets somebody run every command as another user, root among them, without being
  asked for a password. Who gets hold of a session of that user is root, and the line stays.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1548/003/
  - https://man7.org/linux/man-pages/man5/sudoers.5.html
tags: [attack.privilege-escalation, attack.persistence, attack.defense-evasion, attack.t1548.003]
platforms: [linux]
falsepositives:
  - Images of clouds, whose first user has such a line (90-cloud-init-users), when they are set up
  - Configuration management that works by sudo
mode: differential
identity: [config_path, setting_name, setting_value]
alert:
  title: "{{setting_name}}: {{setting_value}}"
  entity: [config_path, setting_name]
  context: [setting_value, line, modified_time]
runbook: |
  1. Who wrote the file? Its times, `journalctl _COMM=sudo` and `file_events` of that minute.
  2. `sudo -l -U USER` shows what the user may do now; `last USER` from where the user came.
  3. Take the line away with `visudo -f FILE`, and look for what else was left: keys, cron jobs, accounts.
---
SELECT
  s.config_path,
  s.platform_data ->> '$.line' AS line,
  s.setting_name,
  s.setting_value,
  s.modified_time
FROM system_configuration s
WHERE
  s.category = 'authentication'
  AND s.platform_data ->> '$.family' = 'sudoers'
  AND (
    s.platform_data ->> '$.without_password' LIKE '%"ALL"%'
    OR s.setting_name LIKE 'Defaults%.authenticate' AND s.setting_value = 'false'
  )
