---
id: 7c2f4c1b-6b4d-4a3f-9d12-0c9d3f0e5a25
title: Program put into a system folder by a process with a connection
description: >-
  A file came to be in a folder of the system's programs or libraries, written by a tool that fetches from other hosts or by a
  process that had a connection. Packages arrive otherwise: what fetches them does not install them.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1105/
  - https://attack.mitre.org/techniques/T1554/
tags: [attack.command-and-control, attack.t1105, attack.persistence, attack.t1554]
platforms: [linux]
falsepositives:
  - Administrators who download a program straight into `/usr/local/bin` (`curl -o`, `kubectl`, `helm`)
  - Agents that update themselves in place, and configuration management that copies files over SSH (rsync, sftp)
mode: events
identity: [event_id]
suppression: { by: [file_path, process_name], for: 1h }
alert:
  title: "{{process_name}} put {{file_path}} in place"
  entity: [file_path]
  context: [process_name, executable_path, permissions, owner_user]
runbook: |
  1. Does a package own the path (`dpkg -S`, `rpm -qf`)? Then a program of the system was replaced: keep it and reinstall.
  2. Look the file's hash up, and the address it came from in the proxy's log around `event_time`.
  3. Has it run since? Search `processes` and the history for its path.
---
SELECT
  e.event_id,
  e.event_time,
  e.event_type,
  e.file_path,
  e.permissions,
  e.owner_user,
  e.process_pid,
  e.process_key,
  e.process_name,
  e.executable_path
FROM file_events e
WHERE
  e.event_type IN ('create', 'modify', 'move', 'attrib')
  AND e.file_type = 'regular'
  AND (
    -- A download is made executable afterwards, by chmod.
    e.file_path REGEXP '^/(usr/(local/)?)?(s?bin|libexec)/'
    -- 0111, or a library, which is loaded without being run.
    OR (
      e.file_path REGEXP '^/(usr/(local/)?)?lib(64)?/'
      AND ((e.file_mode & 73) <> 0 OR e.file_name REGEXP '[.]so([.]|$)')
    )
  )
  AND (
    basename(e.executable_path) IN ('curl', 'wget', 'wget2', 'aria2c', 'scp', 'sftp-server', 'ftp', 'lftp', 'tftp', 'nc',
      'nc.openbsd', 'nc.traditional', 'ncat', 'socat', 'rsync', 'smbclient')
    OR e.process_key IN (
      SELECT n.process_key FROM network_connections n
      WHERE n.state = 'established' AND address_class(n.remote_address) NOT IN ('loopback', 'unspecified')
    )
  )
