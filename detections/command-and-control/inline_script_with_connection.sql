---
id: 0be01631-0446-4fe0-b290-081388b372b4
title: Interpreter with its script in its arguments talks to another host
description: >-
  Python, Perl, Ruby, PHP, Node or Lua runs a script that stands in its command line or comes from standard input, and
  has a connection to a public address. Such scripts leave no file; with a connection they are stagers, implants or
  shells more often than anything else.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1059/006/
  - https://attack.mitre.org/techniques/T1071/001/
  - https://attack.mitre.org/techniques/T1105/
tags:
  - attack.command-and-control
  - attack.t1071.001
  - attack.t1105
  - attack.execution
  - attack.t1059.006
platforms: [linux]
falsepositives:
  - Health checks and provisioning that fetch something with a Python one-liner
  - Programs that start their workers as `python -c 'from multiprocessing…'`, while these download
  - Installers of language tools that are piped into an interpreter
suppression: { by: [process_key, remote_address], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) runs an inline script and talks to {{remote_address}}"
  entity: [process_key, remote_address]
  context: [command_line, remote_address, remote_port, parent_process, parent_command_line, user_name]
runbook: |
  1. Read the script: it stands in the command line. Decode base64 and hex, never run it. One from standard input is in
     the memory of the process (`gcore PID`).
  2. Look the address up, in your proxy's and DNS server's logs too: who else talks to it?
  3. Parent and user tell who started it. A web server, a database or cron above it means that somebody was here before.
  4. If it is your own, put the script into a file under version control and add an exception until then.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_id,
  p.user_name,
  p.ppid,
  p.parent_process,
  p.parent_command_line,
  p.working_directory,
  p.container_id,
  p.start_time,
  c.direction,
  c.remote_address,
  c.remote_port
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
WHERE
  c.protocol IN ('tcp', 'udp')
  AND c.state = 'established'
  AND address_class(c.remote_address) = 'public'
  AND p.command_line REGEXP
    '^(\S*/)?(python[0-9.]* (-[WX] \S+ |-\S+ )*(-[A-Za-z]*c |-$)|(perl|ruby|lua|node|nodejs)[0-9.]* (-[Ir] \S+ |-\S+ )*(-[A-Za-z]*[eE] |-$)|php[0-9.]* (-d \S+ |-\S+ )*-r )'
