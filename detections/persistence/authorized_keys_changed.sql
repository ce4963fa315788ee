---
id: 0f0c5a0b-6b0f-4f4c-8f61-53d6e2f1a7b3
title: Keys for logging in by SSH were changed
description: >-
  A file with the public keys that may log in as a user was written. One line is a lasting way in that no change of the
  password closes.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1098/004/
  - https://man7.org/linux/man-pages/man8/sshd.8.html
tags: [attack.persistence, attack.t1098.004]
platforms: [linux]
falsepositives:
  - Users who add a key of their own (`ssh-copy-id`)
  - Configuration management and cloud agents that keep the file (Ansible, Puppet, cloud-init, google_guest_agent)
mode: events
identity: [event_id]
suppression: { by: [file_path, process_name], for: 10m }
alert:
  title: "{{process_name}} changed {{file_path}}"
  entity: [file_path]
  context: [process_name, executable_path, owner_user, event_type]
runbook: |
  1. `ssh-keygen -lf FILE` lists the keys; compare them with those that your directory or repository has. The comment at
     the end of a line is what the intruder wanted you to read.
  2. Whose process was it? The owner's own shell from a known address is daily work; a web server's or a database's
     process is not.
  3. Remove the unknown key, end that user's sessions, and search the other homes and hosts for the same key.
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
  e.event_type IN ('create', 'modify', 'move')
  AND (
    e.file_path GLOB '*/.ssh/authorized_keys'
    OR e.file_path GLOB '*/.ssh/authorized_keys2'
    OR e.file_path GLOB '/etc/ssh/authorized_keys*'
  )
