---
id: c8176f1f-6bc0-4103-aeb9-c3a7cd452215
title: Shell that holds a network connection
description: >-
  A shell has an established connection of its own to another host. Shells start programs that connect; they have no
  reason to connect themselves. Whoever sits at the other end types into it: that is a reverse or a bind shell, whatever
  its command line says.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1059/004/
  - https://attack.mitre.org/techniques/T1095/
  - https://www.gnu.org/software/bash/manual/html_node/Redirections.html
tags: [attack.execution, attack.t1059.004, attack.command-and-control, attack.t1095]
platforms: [linux]
falsepositives:
  - A script that tests a port with /dev/tcp, at the moment of the test
  - A shell started by inetd, a socket unit of systemd with Accept=yes or by rshd, whose standard streams are the socket
  - A shell that inherited an open socket from a program that did not mark it close-on-exec
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} is connected to {{remote_address}}"
  entity: [process_key]
  context: [command_line, remote_address, remote_port, direction, parent_process, parent_command_line]
runbook: |
  1. `ls -l /proc/PID/fd`: where descriptors 0, 1 and 2 are the socket, somebody types into this shell. Note the peer.
  2. Isolate the host from outside of it rather than killing the shell, which tells whoever is at the other end.
  3. Keep what it did: its children (`pstree -ap PID`), environment, memory, and files that its user wrote since it began.
  4. Go up: parent and user show the way in. Read that service's log around `start_time`.
  5. Look for the peer's address on the other hosts. If it is a port test of your own, let it use a program for that.
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
  c.direction,
  c.local_address,
  c.local_port,
  c.remote_address,
  c.remote_port
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
WHERE
  c.protocol IN ('tcp', 'udp')
  AND c.state = 'established'
  -- Between programs of one host it is a port forward or a test.
  AND address_class(c.remote_address) <> 'loopback'
  AND (
    -- By name, which for busybox says which of its programs runs, or by file, which a process cannot rename.
    p.name REGEXP '^(ba|da|z|k|a|mk|fi|c|tc|rba)?sh$'
    OR basename(p.executable_path) REGEXP '^(ba|da|z|k|a|mk|fi|c|tc|rba)?sh$'
  )
