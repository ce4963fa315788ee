---
id: a977a1a8-bee6-473f-af70-7d5b56b96e59
title: Port opened by a program that serves nothing
description: >-
  A shell, an interpreter with its program in its arguments, netcat or socat, or a program that lies where anybody can
  write listens for connections from other hosts. Servers are installed in system folders; what listens from
  elsewhere is a backdoor, a bind shell or the relay of an intruder.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1571/
  - https://attack.mitre.org/techniques/T1090/001/
  - https://attack.mitre.org/techniques/T1059/004/
tags: [attack.command-and-control, attack.t1571, attack.t1090.001, attack.execution, attack.t1059.004]
platforms: [linux]
falsepositives:
  - Developers who try out their own server from /tmp, or hand over a file with netcat
  - Test suites, which build servers in temporary folders and let them listen on every address
  - One-liners of configuration management (`python3 -c`) that open a port for a moment
suppression: { by: [process_key, local_port], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} listens on port {{local_port}}"
  entity: [process_key, local_port]
  context: [command_line, executable_path, local_address, parent_process, parent_command_line]
runbook: |
  1. Do not connect to the port to see what answers. `ss -tlnp` and `ls -l /proc/PID/fd` tell enough for the start.
  2. Copy the program (`cp /proc/PID/exe evidence`) and the script, if it runs one. Who wrote it, and when?
  3. Ask the firewall and `ss -tn` who has connected to the port since `start_time`; these peers are the next hosts to
     look at.
  4. If nobody claims it, close the port at the firewall first, then stop the process with SIGSTOP and study it.
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
  c.protocol,
  c.local_address,
  c.local_port
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
WHERE
  c.state = 'listening'
  AND c.protocol = 'tcp'
  -- NULL for every address of the host, 0.0.0.0 and ::.
  AND address_class(c.local_address) IS NOT 'loopback'
  AND (
    p.executable_path REGEXP '^/(tmp|var/tmp|dev/shm|run/shm|memfd:)'
    OR basename(p.executable_path) REGEXP '^((ba|da|z|k|a)?sh|nc|ncat|netcat|nc[.](traditional|openbsd)|socat)$'
    OR p.name REGEXP '^((ba|da|z|k|a)?sh|nc|ncat|netcat|socat)$'
    OR p.command_line REGEXP
      '^(\S*/)?(python[0-9.]* (-[WX] \S+ |-\S+ )*-[A-Za-z]*c|(perl|ruby)[0-9.]* (-[Ir] \S+ |-\S+ )*-[A-Za-z]*e|php[0-9.]* (-d \S+ |-\S+ )*-r) '
  )
