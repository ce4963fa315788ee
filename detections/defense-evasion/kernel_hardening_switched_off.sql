---
id: 8c5d1e3f-6a92-4f7b-b0d4-3e2f1a9c8b75
title: A protection of the kernel was switched off
description: >-
  Since the last look the kernel lets ordinary users do what it kept them from: read the memory of their other processes,
  load BPF programs, read its addresses or its log, follow links that others laid. That prepares for taking secrets and
  for exploits.
status: stable
severity: low
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1562/001/
  - https://docs.kernel.org/admin-guide/LSM/Yama.html
  - https://docs.kernel.org/admin-guide/sysctl/kernel.html
tags: [attack.defense-evasion, attack.t1562.001]
platforms: [linux]
falsepositives:
  - Developers who attach debuggers or profilers
  - Tools for observation by BPF that are set up
mode: differential
identity: [policy_id, policy_value]
alert:
  title: "{{policy_name}}: {{policy_value}}"
  entity: [policy_id]
  context: [policy_value, config_file, recommendation]
runbook: |
  1. Does a file set it (`config_file`), and did a package bring that file? If not, ask who was root.
  2. Put it back (`recommendation`), by a file in /etc/sysctl.d so that it stays.
---
SELECT
  policy_id,
  policy_name,
  policy_value,
  config_file,
  recommendation
FROM security_policies
WHERE
  policy_id IN (
    'sysctl.ptrace_scope',
    'sysctl.unprivileged_bpf',
    'sysctl.kptr_restrict',
    'sysctl.dmesg_restrict',
    'sysctl.perf_event_paranoid',
    'sysctl.protected_symlinks',
    'sysctl.protected_hardlinks',
    'sysctl.suid_dumpable'
  )
  AND compliance_status = 'non_compliant'
