---
id: 1d6a0f3b-92c5-4f0e-8a4d-3c2b1a0f9e87
title: Account with the powers of root
description: >-
  A local account other than root has user id 0. It is root under another name: its password opens everything, and few
  look for it.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1136/001/
  - https://attack.mitre.org/techniques/T1098/
  - https://man7.org/linux/man-pages/man5/passwd.5.html
tags: [attack.persistence, attack.privilege-escalation, attack.t1136.001, attack.t1098]
platforms: [linux, macos]
falsepositives:
  - toor, a second root account with another shell that some administrators keep
  - Appliances whose administrator is called otherwise
suppression: { by: [user_name], for: 1d }
alert:
  title: "{{user_name}} has user id 0"
  entity: [user_name]
  context: [shell, home_directory, can_login]
runbook: |
  1. When did it appear? `stat /etc/passwd`, `/etc/passwd-`, backups, and the audit log (`ausearch -m ADD_USER`).
  2. Close it (`usermod -L`, shell to nologin), end its sessions, keep its home.
  3. Whoever made it was root already: find out how.
---
SELECT
  user_id,
  user_name,
  shell,
  home_directory,
  can_login
FROM users
WHERE user_id = 0
  AND user_name <> 'root'
