---
id: b7e0c4d2-3f1a-4c86-8d25-91a6f0e37b58
title: Private key in the memory of a program that needs none
description: >-
  An interpreter, a tool that sends files, or a program in a folder that everybody may write to holds a whole private key
  in memory. Servers and agents that use keys are others: whoever holds it here has read it, most likely to take it away.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1552/004/
  - https://attack.mitre.org/techniques/T1005/
tags: [attack.credential-access, attack.t1552.004, attack.collection, attack.t1005]
platforms: [linux]
falsepositives:
  - Services and deployment tools written in Python, Perl, Ruby or PHP that authenticate with a key of their own
  - Tests of cryptographic libraries
schedule: { every: 15m }
suppression: { by: [process_key, artifact_value], for: 1d }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} holds a private key"
  entity: [process_key]
  context: [executable_path, command_line, artifact_value, memory_address]
runbook: |
  1. The alert has the key's kind and the SHA-256 of its text from the first line to the word KEY of the last one. Compare
     it with those of your keys: `perl -0ne 'print $1 if /(-----BEGIN [A-Z ]*KEY-----.*?-----END [A-Z ]*KEY)/s' FILE | sha256sum`.
  2. Does this program authenticate with a key by design? Then make an exception for its path and user.
  3. Otherwise treat the key as stolen: withdraw it where it opens something, then make a new one. The open files,
     connections and parents of the process show what it does with it.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  a.artifact_value,
  a.memory_address,
  a.context
FROM processes p
AUTO JOIN memory_artifacts a ON a.pid = p.pid
WHEN basename(p.executable_path) REGEXP '^(python|perl|ruby|php|lua)[0-9.]*$'
  OR basename(p.executable_path) IN ('bash', 'dash', 'nc', 'ncat', 'socat', 'curl', 'wget', 'rclone')
  OR p.executable_path REGEXP '^/(tmp|var/tmp|dev/shm)/'
WHERE
  a.artifact_type = 'key'
  AND a.artifact_value REGEXP '^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY'
