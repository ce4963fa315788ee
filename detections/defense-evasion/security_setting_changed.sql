---
id: 7f4e2d1c-5b8a-4936-8e0f-1c2d3e4f5a62
title: A setting that security depends on was changed
description: >-
  Somebody changed, while the agent was watching, a setting that can open the host: who may become root, who may log in
  and how, which libraries every program loads, what the kernel keeps users from.
status: stable
severity: low
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1562/
  - https://attack.mitre.org/techniques/T1556/003/
  - https://attack.mitre.org/techniques/T1574/006/
tags: [attack.defense-evasion, attack.persistence, attack.credential-access, attack.t1562, attack.t1556.003, attack.t1574.006]
platforms: [linux]
falsepositives:
  - Administrators, configuration management and packages at work
mode: events
identity: [change_id]
suppression: { by: [config_path, setting_name, new_value], for: 1h }
alert:
  title: "{{setting_name}} of {{config_path}}: {{change_type}}"
  entity: [config_path, setting_name]
  context: [old_value, new_value, changed_by, impact_level]
runbook: |
  1. Who wrote the file? `changed_by`; where it is empty, `file_events` of that minute; for a parameter of the kernel `process_events` with sysctl or a
     shell of root.
  2. Is it part of a change that somebody announced? If not, put `old_value` back and find out who was root.
---
SELECT
  c.change_id,
  c.change_time,
  c.change_type,
  c.config_path,
  c.setting_name,
  c.old_value,
  c.new_value,
  c.changed_by,
  c.impact_level
FROM configuration_changes c
WHERE c.impact_level IN ('high', 'critical')
