---
id: e7c1f2a8-3d59-4b0d-8f1e-1b2c3d4e5f66
title: Log emptied or deleted
description: >-
  A log of the system was emptied or deleted by something other than what writes and rotates logs. Intruders do so on
  their way out.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1070/002/
  - https://man7.org/linux/man-pages/man5/utmp.5.html
tags: [attack.defense-evasion, attack.t1070.002]
platforms: [linux]
falsepositives:
  - An administrator who frees a full disk
  - Log rotation by a script of one's own, and image builds that clear logs at their end
mode: events
identity: [event_id]
suppression: { by: [file_path, process_name], for: 10m }
alert:
  title: "{{process_name}} emptied {{file_path}} ({{event_type}})"
  entity: [file_path]
  context: [process_name, executable_path, event_type]
runbook: |
  1. What was in it may still be on the log server, in the journal (`journalctl`), or, if a daemon has the deleted file
     open, behind `/proc/PID/fd`.
  2. Who did it? Session and parents of the process; what ran in the minutes before `event_time`.
  3. Look at the other logs for holes: `utmpdump` shows entries of zeros in wtmp.
---
SELECT
  e.event_id,
  e.event_time,
  e.event_type,
  e.file_path,
  e.file_size,
  e.process_pid,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  (
    (e.event_type = 'modify' AND e.file_size = 0)
    OR e.event_type = 'delete'
  )
  AND e.file_path REGEXP
    '^/var/log/(wtmp|btmp|lastlog|faillog|secure|messages|syslog|maillog|cron|audit/audit[.]log|journal/.*[.]journal'
    || '|(auth|kern|daemon|user|mail|cron|dpkg|boot)([.]log)?|sudo[.]log|(apache2|httpd|nginx)/[^/]*log)$'
  AND (
    e.executable_path IN ('/usr/sbin/logrotate', '/usr/sbin/rsyslogd', '/usr/sbin/syslog-ng', '/usr/sbin/auditd',
      '/usr/lib/systemd/systemd-journald', '/lib/systemd/systemd-journald', '/usr/bin/journalctl')
  ) IS NOT TRUE
