---
id: 900d6593-fd52-4463-a397-67e255346873
title: One program starts processes without end
description: >-
  The same program forked more than 1,000 times within ten seconds. A fork bomb takes a host down in that time; scripts
  that guess passwords or encrypt files with a program of the system do the same more slowly.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1499/001/
  - https://attack.mitre.org/techniques/T1486/
tags: [attack.impact, attack.t1499.001, attack.t1486]
platforms: [linux]
falsepositives:
  - Builds on many cores (make, ninja, compiler wrappers), configure scripts, and test suites
  - Shell scripts with a loop over thousands of files that starts a program for each
  - Servers that fork for each request, under load
mode: events
identity: [event_id]
threshold: { by: [name], count: 1000, within: 10s }
suppression: { by: [name], for: 1h }
alert:
  title: "{{name}} forks without end"
  entity: [name]
  context: [parent_process, pid, ppid]
runbook: |
  1. Can you still log in? `systemd-cgtop` and `pstree -p` show where they come from. Stop the group as one:
     `systemctl kill -s SIGSTOP` of the unit or `kill -STOP -PGID`; killing one by one loses the race.
  2. Read the script behind it. A loop over files of users, with openssl, gpg or 7z in it, is encryption: isolate the
     host and unmount shares at once.
  3. For a build or a test add an exception for its name.
---
SELECT
  -- No more than is known of processes, too, that are gone before they can be read.
  e.event_id,
  e.event_time,
  e.pid,
  e.ppid,
  e.name,
  e.parent_process
FROM process_events e
WHERE
  e.event_type = 'fork'
  -- Threads of the kernel, whose parent is its process 2, come and go with the work.
  AND e.ppid IS NOT 2
