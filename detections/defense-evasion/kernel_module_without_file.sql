---
id: 5d0e9b7c-2f46-4a83-9e1b-7a6c5d4e3f28
title: Kernel module that is not among the installed ones
description: >-
  Code runs in the kernel whose file is not in the folder of the running kernel's modules, while those of others are: it was
  loaded from elsewhere (`insmod /tmp/x.ko`), its file was removed, or it hides from the list of modules. Rootkits do that.
status: test
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1014/
  - https://attack.mitre.org/techniques/T1547/006/
  - https://man7.org/linux/man-pages/man5/proc_modules.5.html
tags: [attack.defense-evasion, attack.persistence, attack.t1014, attack.t1547.006]
platforms: [linux]
falsepositives:
  - A kernel that was upgraded, with the files of the running one removed in part
  - Modules of hypervisors and security products that they load from folders of their own
suppression: { by: [name], for: 1d }
alert:
  title: "Kernel module {{name}} has no file among the installed modules"
  entity: [name]
  context: [taints, unsigned, out_of_tree, state]
runbook: |
  1. Trust no program of this host: a rootkit tells them what it wants. Compare `/proc/modules` with `/sys/module`.
  2. `dmesg | grep -i -e taint -e NAME` tells when it was loaded; `process_events` who ran insmod or modprobe then.
  3. Take an image of the memory before anything else; then start the host from another disk.
---
SELECT
  m.name,
  m.taints,
  m.unsigned,
  m.out_of_tree,
  m.state
FROM kernel_modules m
WHERE
  m.file_path IS NULL
  -- A container, or a host without the files of its kernel, can tell nothing of any module.
  AND EXISTS (SELECT 1 FROM kernel_modules k WHERE k.file_path IS NOT NULL)
