---
id: d40b6e57-19fc-4f2a-a7b8-3c5e82d61f09
title: Program that can change others and is connected to another host
description: >-
  A running program whose file imports ptrace or process_vm_writev, by which one process reads and changes another, has
  an established connection to another host. Debuggers import them and do not connect; implants that inject themselves
  into others do both.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1055/008/
  - https://man7.org/linux/man-pages/man2/ptrace.2.html
  - https://man7.org/linux/man-pages/man2/process_vm_readv.2.html
tags: [attack.defense-evasion, attack.privilege-escalation, attack.t1055.008]
platforms: [linux]
falsepositives:
  - Debuggers of a program on another host, as gdb with gdbserver
  - Browsers and agents that report their own crashes
  - sudo, which follows what it starts by ptrace, where its rules come from an LDAP server
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} can change other processes and is connected to {{remote_address}}"
  entity: [process_key]
  context: [executable_path, command_line, function_name, remote_address, remote_port]
runbook: |
  1. Which package has the file? `dpkg -S PATH`, `rpm -qf PATH`. One that no package has is suspicious at once.
  2. Whom does it trace? `grep TracerPid /proc/*/status`.
  3. Look at the peer, at the parent, and at what the user did at `start_time`.
---
SELECT DISTINCT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  p.start_time,
  i.function_name,
  c.remote_address,
  c.remote_port
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
AUTO JOIN imports_exports i ON i.pid = p.pid
WHEN
  c.state = 'established'
  AND address_class(c.remote_address) <> 'loopback'
WHERE
  i.import_type = 'import'
  AND i.function_name IN ('ptrace', 'process_vm_writev')
