---
id: 9f3d0a27-1f3c-4b2e-9a63-4c1f7d1c6e02
title: The list of preloaded libraries was written
description: >-
  `/etc/ld.so.preload` was written. The dynamic linker loads what it names into every program that starts, also those of
  root: rootkits such as Azazel, Jynx and Symbiote hide themselves so. Most hosts have no such file.
status: stable
severity: critical
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1574/006/
  - https://man7.org/linux/man-pages/man8/ld.so.8.html
tags: [attack.persistence, attack.privilege-escalation, attack.defense-evasion, attack.t1574.006]
platforms: [linux]
falsepositives:
  - An allocator or a profiler that an administrator loads into everything (jemalloc, Snoopy Logger)
  - Single-board images (Raspberry Pi OS once shipped the file) when they are built or upgraded
mode: events
identity: [event_id]
suppression: { by: [file_path, process_name, event_type], for: 10m }
alert:
  title: "{{process_name}} ({{event_type}}) changed {{file_path}}"
  entity: [file_path]
  context: [process_name, executable_path, event_type, file_size]
runbook: |
  1. Trust no program of the host that is linked dynamically: read the file with a static busybox, or from another system
     that has the disk mounted. `ls` and `cat` may already lie.
  2. Keep the library that it names, with its times; look its hash up.
  3. Isolate the host before you remove the line: every daemon that was restarted since runs the library.
---
SELECT
  e.event_id,
  e.event_time,
  e.event_type,
  e.file_path,
  e.file_size,
  e.owner_user,
  e.process_pid,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  e.file_path = '/etc/ld.so.preload'
  AND e.event_type IN ('create', 'modify', 'move')
