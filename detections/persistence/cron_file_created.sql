---
id: 3f6d1a54-0f63-4a0e-b5b0-7a3f0f4b1c94
title: New file among the cron jobs
description: >-
  A file came to be where cron looks for jobs, put there by something other than the package manager. Cron runs it again
  and again, in most of these places as root.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1053/003/
  - https://man7.org/linux/man-pages/man8/cron.8.html
tags: [attack.persistence, attack.privilege-escalation, attack.execution, attack.t1053.003]
platforms: [linux]
falsepositives:
  - Administrators and users who add a job (`crontab -e`), and configuration management
  - Installers outside the package manager (control panels, backup agents, certbot from its own installer)
mode: events
identity: [event_id]
suppression: { by: [file_path, process_name], for: 10m }
alert:
  title: "{{process_name}} put {{file_path}} among the cron jobs"
  entity: [file_path]
  context: [process_name, executable_path, owner_user, event_type]
runbook: |
  1. Read the file and what it starts, without running it; keep both with their times (`stat`).
  2. Who put it there? A shell of an administrator at working hours, or a child of a service?
  3. Remove it, then stop what it has started; watch whether it comes back.
---
SELECT
  e.event_id,
  e.event_time,
  e.event_type,
  e.file_path,
  e.owner_user,
  e.process_pid,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  e.event_type IN ('create', 'move')
  AND e.file_type = 'regular'
  AND (
    e.directory IN ('/etc/cron.d', '/etc/cron.hourly', '/etc/cron.daily', '/etc/cron.weekly', '/etc/cron.monthly',
      '/var/spool/cron', '/var/spool/cron/crontabs', '/var/spool/cron/atjobs')
    OR e.file_path IN ('/etc/crontab', '/etc/anacrontab')
  )
  -- crontab(1) writes here first, and moves it to the user's name when it is whole.
  AND (e.directory = '/var/spool/cron/crontabs' AND e.file_name GLOB 'tmp.??????') IS NOT TRUE
  AND (
    e.executable_path IN ('/usr/bin/dpkg', '/usr/bin/rpm', '/usr/bin/dnf', '/usr/bin/pacman', '/sbin/apk')
  ) IS NOT TRUE
