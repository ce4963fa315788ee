---
id: 6b9d3b0e-4c1f-4d62-8a3e-5f1c7e2a9d04
title: Root may log in by SSH with a password
description: >-
  sshd lets root in by password. Every host that the port can be reached from may guess it, and who guesses it owns this
  host without any further step. The setting may also stand in a Match block or in a file that another includes.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1110/001/
  - https://attack.mitre.org/techniques/T1098/
  - https://man.openbsd.org/sshd_config#PermitRootLogin
tags: [attack.initial-access, attack.persistence, attack.credential-access, attack.t1110.001, attack.t1078.003, attack.t1098]
platforms: [linux]
falsepositives:
  - Machines in a laboratory that nobody else can reach
  - A Match block for the address of a management network, where that is meant
  - A host on which sshd is installed and never started
suppression: { by: [config_path, setting_name], for: 1d }
alert:
  title: "{{setting_name}} {{setting_value}} in {{config_path}}"
  entity: [config_path, setting_name]
  context: [line, modified_time]
runbook: |
  1. Since when? `modified_time`, the package manager's log, `configuration_changes`; who was logged in then?
  2. Did anybody use it? `journalctl -u ssh --grep 'Accepted (password|keyboard-interactive/pam) for root'`, and the table
     `logins`.
  3. Set `PermitRootLogin prohibit-password` (or `no`) in that file at that line, `sshd -t`, `systemctl reload ssh`.
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
  AND s.platform_data ->> '$.family' = 'sshd'
  AND s.platform_data ->> '$.effective' = 1
  AND (s.setting_name = 'PermitRootLogin' OR s.setting_name LIKE 'Match %: PermitRootLogin')
  AND lower(s.setting_value) = 'yes'
  -- Both ways to ask for a password have to be closed, and both are open unless something closes them.
  AND (
    SELECT count(DISTINCT p.setting_name) FROM system_configuration p
    WHERE
      p.category = 'authentication'
      AND p.platform_data ->> '$.family' = 'sshd'
      AND p.platform_data ->> '$.effective' = 1
      AND p.setting_name IN ('PasswordAuthentication', 'KbdInteractiveAuthentication')
      AND lower(p.setting_value) = 'no'
  ) < 2
