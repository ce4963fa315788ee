---
id: 5b0c9a0e-54c4-4a4e-8f0e-2e7c7a4d9f11
title: New program that runs as its owner (setuid)
description: >-
  A file got the setuid bit, or was made with it, by something other than the package manager. Whoever runs it becomes
  its owner: a copy of a shell that belongs to root and has the bit is the oldest way to stay root.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1548/001/
  - https://man7.org/linux/man-pages/man7/inode.7.html
tags: [attack.privilege-escalation, attack.t1548.001]
platforms: [linux]
falsepositives:
  - An administrator who installs sudo, ping or a browser's sandbox from source
  - Image builds and container engines that unpack whole systems below a watched folder
mode: events
identity: [event_id]
suppression: { by: [file_path, file_uid], for: 1h }
alert:
  title: "{{file_path}} runs as {{owner_user}} now"
  entity: [file_path, file_uid]
  context: [process_name, executable_path, permissions, event_type]
runbook: |
  1. `stat` the file and keep a copy before anything else; `sha256sum` and the package manager (`dpkg -S`, `rpm -qf`)
     tell what it is. A file with the hash of `/bin/bash` needs no further question.
  2. Take the bit away: `chmod u-s FILE`. If it has been run since, its runner was its owner: look at what that user did
     since `event_time`.
  3. How did the process that set it get to be the owner? Follow it and its parents.
---
SELECT
  e.event_id,
  e.event_time,
  e.event_type,
  e.file_path,
  e.permissions,
  e.owner_user,
  e.file_uid,
  e.process_pid,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  e.event_type IN ('create', 'modify', 'move', 'attrib')
  AND e.file_type = 'regular'
  -- 04000; what nobody may run sets nobody free.
  AND (e.file_mode & 2048) <> 0
  AND (e.file_mode & 73) <> 0
  AND (
    e.executable_path IN ('/usr/bin/dpkg', '/usr/bin/dpkg-statoverride', '/usr/bin/rpm', '/usr/bin/dnf', '/usr/bin/pacman',
      '/sbin/apk', '/usr/lib/snapd/snapd')
  ) IS NOT TRUE
