---
id: b4e32eb2-6413-41d0-95cc-263bac003d51
title: Session without a command history
description: >-
  A process was started with the shell's history switched off in its environment: HISTFILE empty or set to /dev/null, or
  a history of no lines. It is among the first things that intruders type into a shell, and whatever they start from
  there inherits it. One alert stands for a whole session.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1562/003/
  - https://attack.mitre.org/techniques/T1070/003/
  - https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html
tags: [attack.defense-evasion, attack.t1562.003, attack.t1070.003]
platforms: [linux]
falsepositives:
  - People who want no history, as a habit or because they type secrets
  - Container images and hardened systems that switch it off for everybody
  - Tools that drive a shell and keep its history clean of their own commands
suppression: { by: [user_id, session_id], for: 12h }
alert:
  title: "Session {{session_id}} of {{user_name}} keeps no history (pid {{pid}}, {{name}})"
  entity: [user_id, session_id]
  context: [histfile, histsize, histfilesize, command_line, parent_process, parent_command_line]
runbook: |
  1. See who it is: `loginctl session-status`, `last`, the address they came from (`SSH_CONNECTION` in the environment of
     the session's processes), and whether the account normally does this.
  2. List the session while it lasts: `ps -o pid,lstart,args -s SESSION`. It is the only history there will be. Audit
     logs (`ausearch -ua USER`) and the journal have the rest.
  3. A service user or root from an unknown address without history is an intruder: isolate the host, keep the memory of
     the shell (`gcore`), in which the typed lines still are.
  4. If it is a habit or an image, add an exception for that user or container.
---
WITH environment AS (
  -- Three variables and no more: the rest of an environment holds secrets that no alert should carry.
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
    session_id,
    working_directory,
    container_id,
    start_time,
    environment_variables ->> '$.HISTFILE' AS histfile,
    environment_variables ->> '$.HISTSIZE' AS histsize,
    environment_variables ->> '$.HISTFILESIZE' AS histfilesize
  FROM processes
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
  session_id,
  working_directory,
  container_id,
  start_time,
  histfile,
  histsize,
  histfilesize
FROM environment
WHERE histfile IN ('', '/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom')
  OR histsize = '0'
  OR histfilesize = '0'
