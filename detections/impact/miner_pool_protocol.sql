---
id: 7a5c2f18-0e4b-4d39-9c6d-1f8b3a9e6d05
title: Process speaks the protocol of mining pools
description: >-
  A connection carries what miners ask of a pool (stratum), whatever the program is called and however its command line
  was hidden. Mining on a host that is not there for it is mostly somebody else's.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1496/001/
  - https://github.com/xmrig/xmrig-proxy/blob/master/doc/STRATUM.md
tags: [attack.impact, attack.t1496.001]
platforms: [linux]
schedule: { every: 5m }
falsepositives:
  - Miners and pools of your own
suppression: { by: [url, pid], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) mines at {{url}}"
  entity: [url, pid]
  context: [user_agent, request, source_ip, executable_path, command_line]
runbook: |
  1. Where the source is another host, this one is the pool or a proxy: then that host is the one to look at, too.
  2. Keep the program and its configuration (wallet and pool tell who earns), then stop it and what starts it again:
     cron, systemd units, containers.
  3. Find the way in: the user that it runs as says which service it came through.
  4. Block the pool's address. Pools by TLS are not seen by this detection; look at connections of the same user.
---
SELECT
  a.pid,
  a.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  a.url,
  a.source_ip,
  max(a.user_agent) AS user_agent,
  max(a.platform_data ->> 'request') AS request
FROM protocol_analysis a
LEFT JOIN processes p ON p.process_key = a.process_key
WHERE a.connection_id GLOB 'tcp *' AND a.protocol = 'stratum'
GROUP BY a.process_key, a.pid, a.url, a.source_ip
