---
id: 2e7a4f91-3d58-4b0c-a6e2-9c8d7b6a5f13
title: Addresses of programs are not randomised
description: >-
  The kernel places programs at addresses that can be foreseen, wholly or in part. Flaws in programs that otherwise end
  them can then be used to run code in them.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1562/001/
  - https://docs.kernel.org/admin-guide/sysctl/kernel.html#randomize-va-space
tags: [attack.defense-evasion, attack.t1562.001]
platforms: [linux]
falsepositives:
  - Hosts on which exploits, debuggers or benchmarks are tried out
  - Old programs that do not run otherwise; `setarch -R` does it for one of them alone
suppression: { by: [policy_id], for: 1d }
alert:
  title: "kernel.randomize_va_space is {{policy_value}}"
  entity: [policy_id]
  context: [policy_value, config_file]
runbook: |
  1. Does a file set it (`config_file`)? If none does, somebody with root's powers wrote it into the running kernel.
  2. `sysctl -w kernel.randomize_va_space=2`; restart the services that were started meanwhile.
  3. Who was root at that time, and what was run since then with a flaw that is known?
---
SELECT
  policy_id,
  policy_value,
  config_file
FROM security_policies
WHERE
  policy_id = 'sysctl.aslr'
  AND compliance_status = 'non_compliant'
