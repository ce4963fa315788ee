---
id: 6a2f7c1e-0d58-4b8e-9a43-7e1c5d2b9f60
title: Program with a connection runs code that it can write
description: >-
  A process that is connected to another host has memory of no file that it may both write to and run. Compilers make
  code in memory that they may only write to, and then only run; shellcode and loaders that map a program from what came
  over the network leave both on.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1055/
  - https://attack.mitre.org/techniques/T1620/
  - https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
tags: [attack.defense-evasion, attack.t1055, attack.t1620]
platforms: [linux]
falsepositives:
  - Other runtimes that compile into memory which stays writable, as Electron, LuaJIT, QEMU, old Mono, and PCRE in programs that are not
    known for it, do
  - Programs that were built with an executable stack
schedule: { every: 5m }
suppression: { by: [process_key], for: 1d }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} can write the code that it runs, and is connected to {{peer}}"
  entity: [process_key]
  context: [executable_path, peer, region_address, region_bytes, regions]
runbook: |
  1. Keep the memory before the process ends: `gcore PID`, or the region from `/proc/PID/mem`. `memory_artifacts` of the
     process tells whether a program's header lies there (`artifact_type = 'header'`).
  2. Is the program known to compile at run time? Look at another host with the same version: it has such regions there,
     too. Then make an exception for its path.
  3. Otherwise isolate the host. The peer's address, the user and the parents show where it came from.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.user_name,
  p.start_time,
  min(c.remote_address || ' port ' || c.remote_port) AS peer,
  min(m.region_address) AS region_address,
  max(m.region_size) AS region_bytes,
  count(DISTINCT m.region_address) AS regions
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
AUTO JOIN memory_regions m ON m.pid = p.pid
WHERE
  c.protocol IN ('tcp', 'udp')
  AND c.state = 'established'
  -- Between programs of one host it is no way in.
  AND address_class(c.remote_address) <> 'loopback'
  AND m.permissions = 'rwx'
  AND m.mapped_file IS NULL
  -- These compile what they run, in large regions that stay writable. What is put into them besides is smaller.
  AND NOT (basename(p.executable_path) IN ('java', 'node', 'deno', 'chrome', 'chromium') AND m.region_size >= 1048576)
  -- These have patterns that PCRE compiles, into memory of which it takes 64 KiB at a time.
  AND NOT (
    basename(p.executable_path) REGEXP '^(php[a-z0-9.-]*|apache2|httpd|nginx|haproxy|varnishd|suricata)$'
    AND m.region_size % 65536 = 0
  )
GROUP BY p.process_key
