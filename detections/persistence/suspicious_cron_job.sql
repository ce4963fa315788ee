---
id: ad3c83fa-6b30-4a86-82df-017bec4b2bb0
title: Cron job that fetches, decodes or hides its program
description: >-
  A job started by cron runs a script from a temporary folder, pipes a download or decoded text into a shell, or speaks
  to the network from inside a shell or a one-liner. Crontabs are where intruders make sure that they come back, and
  these are the lines that they write there.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1053/003/
  - https://attack.mitre.org/techniques/T1105/
  - https://man7.org/linux/man-pages/man5/crontab.5.html
tags:
  - attack.persistence
  - attack.execution
  - attack.privilege-escalation
  - attack.t1053.003
  - attack.command-and-control
  - attack.t1105
platforms: [linux]
falsepositives:
  - Jobs that were put into /tmp for a while and forgotten
  - Agents of vendors that keep themselves up to date with `curl … | sh` from cron
suppression: { by: [user_id, command_line], for: 12h }
alert:
  title: "cron runs {{name}} (pid {{pid}}) as {{user_name}}, which fetches, decodes or hides its program"
  entity: [user_id, command_line]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. Find the line: `crontab -l -u USER`, `/etc/crontab`, `/etc/cron.*/`, `/var/spool/cron`. Keep the file with its times
     (`stat`) before you change it: its change time tells when the intruder was here.
  2. Get what it fetches from another host, or decode it, without running it. Keep the script if it lies in `/tmp`.
  3. Take the line out, then stop what it started (`pstree -ap` below cron). The other way round it comes back within a
     minute, and some programs write the line anew: watch the file.
  4. Look for its twins: systemd units and timers, `rc.local`, `at` jobs, shell profiles, `authorized_keys`, the other
     users' crontabs, and the same line on other hosts.
  5. Find out how the line got there: the account that owns the crontab was open to somebody.
---
WITH job(from_temporary, piped, decoded, connected, one_liner) AS (
  SELECT
    -- At the place of a program or of a script, not of a log, a lock or a working folder.
    '(^|[;&|({]\s*|\b((ba|da|z|k|a)?sh|exec|nohup|setsid|sudo|python[0-9.]*|perl|php[0-9.]*) |\s[.] )(-[a-zA-Z]+ )*["'']?'
    || '/(tmp|var/tmp|dev/shm|run/user/[0-9]+)/[^\s;&|]'
    || '|\bcd ["'']?/(tmp|var/tmp|dev/shm)\S* *(&&|;) *((ba|da|z|k|a)?sh )?[.]/',
    '\b(curl|wget|fetch|lwp-download) [^;]*\| *(sudo |nohup )?(\S*/)?((ba|da|z|k|a)?sh|python[0-9.]*|perl|php[0-9.]*)\b',
    '\b(base(64|32) [^;|]*-[a-zA-Z]*[dD]|xxd [^;|]*-r|openssl enc [^;|]*-d )[^;]*'
    || '\| *(\S*/)?((ba|da|z|k|a)?sh|python[0-9.]*|perl)\b',
    '/dev/(tcp|udp)/',
    '\b(python[0-9.]*|perl|ruby|php[0-9.]*) (-\S+ )*-[a-zA-Z]*[cer] .*(urlopen|requests[.]get|socket|b64decode|fsockopen'
    || '|file_get_contents[(]["'']http|base64_decode|LWP)'
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
  container_id,
  start_time
FROM processes
WHERE (
    parent_process IN ('cron', 'crond', 'CRON', 'fcron', 'anacron')
    OR basename(parent_executable_path) IN ('cron', 'crond', 'fcron', 'anacron')
  )
  AND (
    command_line REGEXP (SELECT from_temporary FROM job)
    OR command_line REGEXP (SELECT piped FROM job)
    OR command_line REGEXP (SELECT decoded FROM job)
    OR command_line REGEXP (SELECT connected FROM job)
    OR command_line REGEXP (SELECT one_liner FROM job)
  )
