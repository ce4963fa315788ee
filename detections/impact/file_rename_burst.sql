---
id: a4d2b6c8-7e10-4c5a-9b3f-5d6e7f809177
title: One process renames many files to a new extension
description: >-
  One process gave more than a hundred files a further extension within ten seconds, such as `report.docx.locked`.
  Programs that encrypt files for ransom name them so.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1486/
tags: [attack.impact, attack.t1486]
platforms: [linux]
falsepositives:
  - A user who renames a folder of files with a tool (`rename`, `mmv`, a photo manager)
  - Backup and synchronisation programs that mark old copies with an extension of their own
mode: events
identity: [event_id]
threshold: { by: [process_key], count: 100, within: 10s }
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{process_name}} (pid {{process_pid}}) renames files by the hundred"
  entity: [process_key]
  context: [executable_path, file_path, directory]
runbook: |
  1. Stop it first, ask afterwards: `kill -STOP PID` keeps it, and with it perhaps the key in its memory. Take the memory.
  2. Unmount network shares, isolate the host.
  3. How did it get in? Parents and session of the process; new files and connections in the hour before.
  4. Do not write to the disks: deleted originals may be recoverable.
---
SELECT
  e.event_id,
  e.event_time,
  e.file_path,
  e.directory,
  e.process_pid,
  e.process_key,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  e.event_type = 'move'
  AND e.file_type = 'regular'
  -- An extension behind an extension, but for those of archives, copies and half-finished files.
  AND e.file_name REGEXP '[.][A-Za-z0-9]{1,5}[.]([^.]+[.])?[A-Za-z0-9_-]{2,20}$'
  AND lower(e.file_name) NOT REGEXP
    '[.](gz|bz2|xz|zst|lz4|zip|bak|old|orig|tmp|temp|part|swp|lock|map|asc|sig|md5|sha256|dpkg-(new|old|dist)|rpm(new|save)|[0-9]+)$'
