---
id: 4c7b2e90-5d18-4f6a-b3c9-0e9d8c7b6a54
title: Something new is started by itself
description: >-
  Since the last look the host starts or loads something that it did not before: a service, a timer, a cron job, a key
  that may log in, a library for every program.
status: stable
severity: low
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1543/002/
  - https://attack.mitre.org/techniques/T1053/003/
  - https://attack.mitre.org/techniques/T1546/004/
  - https://attack.mitre.org/techniques/T1574/006/
tags: [attack.persistence, attack.t1543.002, attack.t1053.003, attack.t1546.004, attack.t1574.006]
platforms: [linux]
falsepositives:
  - Administrators, configuration management and installers at work
  - Packages that are installed or upgraded, and software that updates itself
mode: differential
identity: [kind, path, name]
alert:
  title: "New {{kind}}: {{name}}"
  entity: [kind, path, name]
  context: [command, user_name, schedule, modified_time]
runbook: |
  1. Who changed it? `path` with its times, the package manager's log of that hour, sessions at `modified_time`.
  2. Read what it starts (`command`) without running it.
  3. Remove it with the mechanism's own tool (`systemctl disable --now`, `crontab -e`), and watch whether it comes back.
---
SELECT
  kind,
  path,
  name,
  command,
  user_name,
  schedule,
  modified_time
FROM persistence_items
WHERE enabled
