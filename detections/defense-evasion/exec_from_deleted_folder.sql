---
id: 6058f401-7977-4ba6-b537-8397aad2ddde
title: Program started from a deleted file or folder
description: >-
  A program was started whose file had already been deleted, or out of a working folder that no longer exists. Droppers
  unpack into a folder, delete it and go on from memory, so that nothing is left to look at afterwards.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1070/004/
  - https://attack.mitre.org/techniques/T1620/
  - https://man7.org/linux/man-pages/man2/execveat.2.html
tags: [attack.defense-evasion, attack.t1070.004, attack.t1620]
platforms: [linux]
falsepositives:
  - Container runtimes, which start from a sealed copy of themselves in memory
  - Builds and tests that remove their folder while a child still starts programs in it
  - Self-updating programs in a home that start helpers, or their new version, from the folder of the old one
mode: events
identity: [event_id]
suppression: { by: [executable_path, parent_process, user_name], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) was started from a deleted place"
  entity: [executable_path, parent_process, user_name]
  context: [command_line, executable_path, working_directory, parent_command_line]
runbook: |
  1. While it lives, `cp /proc/PID/exe evidence` still reads the program, and `ls -l /proc/PID/fd` shows what it holds.
  2. What put it there? Parent, session and the user's other processes; downloads in the proxy's log just before
     `event_time`.
  3. A path that begins with `/memfd:` never was a file. Apart from container runtimes that is meant to hide.
  4. Search for how it would come back: cron, systemd units, shell profiles of that user.
---
SELECT
  e.event_id,
  e.event_time,
  e.pid,
  e.process_key,
  e.name,
  e.executable_path,
  e.command_line,
  e.user_id,
  e.user_name,
  e.ppid,
  e.parent_process,
  e.parent_command_line,
  e.working_directory,
  e.container_id
FROM process_events e
WHERE
  e.event_type = 'exec'
  AND (e.executable_deleted = 1 OR e.working_directory GLOB '* (deleted)')
  -- Container runtimes start from a sealed copy of themselves.
  AND (
    e.executable_path REGEXP '^/memfd:(runc|crun)_cloned:/proc/self/exe$'
    AND e.user_id = 0
    AND e.parent_process IN ('runc', 'crun', 'buildkit-runc', 'containerd-shim', 'conmon', 'dockerd')
  ) IS NOT TRUE
  -- What was upgraded while it ran, as a browser, starts its helpers from the file that it was itself started from.
  AND (
    e.executable_path REGEXP '^/(usr|opt)/'
    AND e.parent_executable_path = e.executable_path
    AND e.working_directory NOT GLOB '* (deleted)'
  ) IS NOT TRUE
