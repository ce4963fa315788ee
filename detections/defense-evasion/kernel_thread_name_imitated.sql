---
id: 100f763c-ea03-4dd2-804d-18bc6c3a09a6
title: Process that imitates a kernel thread
description: >-
  A user program whose name or first argument looks like a thread of the kernel (kworker/0:1, [kswapd0], kdevtmpfsi).
  The kernel marks its own threads, so the name is a lie told to whoever reads the output of ps.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1036/005/
  - https://attack.mitre.org/techniques/T1036/011/
  - https://docs.kernel.org/admin-guide/kernel-per-CPU-kthreads.html
  - https://man7.org/linux/man-pages/man5/proc_pid_comm.5.html
tags: [attack.defense-evasion, attack.t1036.005, attack.t1036.011]
platforms: [linux]
falsepositives:
  - A program that writes a status in square brackets without a space as its title, which looks as ps shows kernel threads
  - Exercises of a red team and tests of detection products, which use these very names
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) imitates a kernel thread and runs {{executable_path}}"
  entity: [process_key]
  context: [command_line, user_name, parent_process, parent_command_line]
runbook: |
  1. Confirm it: `ls -l /proc/PID/exe` of a real kernel thread leads nowhere, and its parent is pid 2 (kthreadd).
     Anything else under such a name was named so on purpose.
  2. Keep the program (`cp /proc/PID/exe evidence`) with its command line and environment before you stop it.
  3. Miners and backdoors are the usual finds. Check processor time, open sockets (`ss -tupn`), and listening raw or
     packet sockets (`ss -0pb`), by which some backdoors wait to be woken.
  4. Look for what started it and will again: crontabs, systemd units and timers, `rc.local`, shell profiles of
     `user_name`; and for its copies, by hash.
---
WITH kernel_title(pattern) AS (
  SELECT
    -- As ps shows a kernel thread, in brackets and without a space. `[` alone is the program test, and titles like
    -- `[celeryd: worker]` hold a space.
    '^\s*(\[[^\[\]\s]+\](\s|$)'
    -- Kernel threads by name. What follows is left open, so that kworkerds, kdevtmpfsi and kthreaddk count too.
    || '|\[?(kthread|kworker|ksoftirq|kswapd|kcompactd|khugepaged|kdevtmpfs|kauditd|khungtaskd|kintegrityd|kblockd'
    || '|kthrotld|kpsmoused|kdmflush|kcryptd|kjournald|khelper|krfcommd|ksmd|oom_reaper|pdflush|sync_supers'
    || '|rcu_(sched|preempt|bh|gp|par_gp|tasks|exp)|ext4-rsv-|scsi_(eh|tmf)_[0-9]|xfsaild/|jbd2/'
    || '|(migration|cpuhp|idle_inject|watchdog|events|rcu(op|os|og|ob|c|b))/[0-9]|irq/[0-9]+-))'
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  command_line,
  user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  working_directory,
  accumulated_cpu_time,
  container_id,
  start_time
FROM processes
WHERE kernel_thread = 0
  AND (
    -- The name comes from the file's name or from prctl, the first argument from whoever started the program.
    name REGEXP (SELECT pattern FROM kernel_title)
    OR command_line REGEXP (SELECT pattern FROM kernel_title)
  )
  -- When the kernel starts a helper (modprobe, a core dump handler), the new process is a child of kthreadd under a
  -- kworker's name for an instant, before it has a program and any memory of its own.
  AND (ppid = 2 AND memory_vms = 0) IS NOT TRUE
