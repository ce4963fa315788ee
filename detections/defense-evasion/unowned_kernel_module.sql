---
id: c4d7e2a9-5b18-4f36-8e0d-92a6b1f3c75e
title: Kernel module that no package owns
description: >-
  A loaded kernel module lies among those of the kernel's package, and no package has brought it. Rootkits put themselves
  there to be loaded at every start, and to look like drivers.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1547/006/
  - https://attack.mitre.org/techniques/T1014/
  - https://man7.org/linux/man-pages/man8/depmod.8.html
tags: [attack.defense-evasion, attack.persistence, attack.t1547.006, attack.t1014]
platforms: [linux]
falsepositives:
  - Drivers that were built and installed by hand, and kernels that were built on the host
  - Modules of a kernel whose package was removed while it runs
suppression: { by: [name, file_path], for: 1d }
alert:
  title: "No package owns the kernel module {{name}}"
  entity: [name]
  context: [file_path, taints, version]
runbook: |
  1. `modinfo FILE` tells who signed it, `stat FILE` since when it is there; keep a copy.
  2. What loads it: `/etc/modules-load.d`, `/etc/modules`, units and cron jobs with insmod or modprobe.
  3. If nobody knows it: take an image of the memory, then `rmmod`, and require signatures (`module.sig_enforce=1`).
---
SELECT
  m.name,
  m.file_path,
  m.version,
  m.taints
FROM kernel_modules m
AUTO JOIN code_signing s ON s.file_path = m.file_path
-- DKMS and vendors build modules on the host, into folders of their own.
WHEN m.file_path NOT REGEXP '^(/usr)?/lib/modules/[^/]+/(updates|extra|weak-updates)/'
WHERE NOT s.package_owned
