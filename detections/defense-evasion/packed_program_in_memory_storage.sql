---
id: 8a5d1c7e-3b0f-4b7a-9f53-6d0a3c9e4b18
title: Packed program started from memory-backed storage
description: >-
  A running program whose file lies in /dev/shm, or has no name but in memory (memfd), looks packed or encrypted: its
  bytes are nearly random. It leaves no trace on a disk and hides what it is made of until it runs.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1027/002/
  - https://attack.mitre.org/techniques/T1620/
  - https://man7.org/linux/man-pages/man2/memfd_create.2.html
tags: [attack.defense-evasion, attack.t1027.002, attack.t1620]
platforms: [linux]
falsepositives:
  - Self-extracting installers and AppImages that unpack themselves into memory
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} runs a packed program from {{executable_path}}"
  entity: [process_key]
  context: [command_line, entropy, sha256_hash, build_tool]
runbook: |
  1. Keep the program while it runs: `cp /proc/PID/exe` to another disk, and its memory (`gcore PID`): unpacked there.
  2. Look for `sha256_hash` elsewhere; `build_tool` may name the packer.
  3. Parent and user show the way in; connections (`ss -tanp`) show who is on the other end.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  p.ppid,
  b.entropy,
  b.sha256_hash,
  b.build_tool
FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid
WHEN p.executable_path LIKE '/dev/shm/%' OR p.executable_path LIKE '/memfd:%'
-- Compiled code has about 6 bits a byte, what is compressed or encrypted nearly 8.
WHERE b.entropy > 7.2
