---
id: 9a1b2c3d-8e7f-4c65-b4a3-0d9e8f7a6b51
title: New kernel module without a valid signature
description: >-
  Since the last look a module was loaded that was built apart from the kernel and is not signed by anybody whom the kernel
  trusts. Drivers that are built on the host are like that, and rootkits.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1547/006/
  - https://docs.kernel.org/admin-guide/tainted-kernels.html
tags: [attack.persistence, attack.privilege-escalation, attack.t1547.006]
platforms: [linux]
falsepositives:
  - Drivers that DKMS builds (graphics, ZFS, hypervisors) after an upgrade of the kernel, where it signs none
mode: differential
identity: [name, file_path]
alert:
  title: "Unsigned kernel module {{name}}"
  entity: [name]
  context: [file_path, taints, version]
runbook: |
  1. `modinfo FILE`, `dpkg -S FILE` or `rpm -qf FILE`: a package or DKMS should have brought it.
  2. Who loaded it? `process_events` with insmod or modprobe at that time, units that load modules.
  3. If nobody knows it: take an image of the memory, then `rmmod`, and require signatures (`module.sig_enforce=1`).
---
SELECT
  name,
  file_path,
  version,
  taints
FROM kernel_modules
WHERE out_of_tree AND unsigned
