---
id: dc1a835b-2568-4ca9-b98d-79f5f7160892
title: One process calls many hosts at once
description: >-
  A process has connections under way to more than 100 different addresses on at most three ports, or waits for the
  answer of more than 30. Clients call a few hosts; who calls a whole network on one port scans it, guesses passwords or
  spreads.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1046/
  - https://attack.mitre.org/techniques/T1018/
  - https://attack.mitre.org/techniques/T1110/
tags: [attack.discovery, attack.t1046, attack.t1018, attack.credential-access, attack.t1110]
platforms: [linux]
falsepositives:
  - Monitoring that polls every host at the same second (Prometheus, Zabbix, Nagios), and vulnerability scanners of yours
  - Mail servers at work on a mailing list, crawlers, and proxies
  - Nodes of peer-to-peer networks and of clusters with hundreds of members
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) calls {{hosts}} hosts"
  entity: [process_key]
  context: [hosts, waiting, ports, example_peer, command_line]
runbook: |
  1. Read the command line and the ports: 22, 23, 445, 3389, 6379 and the like on a range of addresses are a scan; 443
     on public addresses is more often a crawler or a proxy.
  2. Monitoring and scanners of your own are known by host and user. Add an exception for exactly these.
  3. Otherwise isolate the host: what spreads should stop now. Then keep the program and its files.
  4. Every address that answered is a host to look at; `ss -tn state established` shows them while it runs.
---
SELECT
  c.pid,
  c.process_key,
  max(p.name) AS name,
  max(p.executable_path) AS executable_path,
  max(p.command_line) AS command_line,
  max(p.user_name) AS user_name,
  count(DISTINCT c.remote_address) AS hosts,
  count(DISTINCT c.remote_address) FILTER (WHERE c.state = 'syn_sent') AS waiting,
  count(DISTINCT c.remote_port) AS ports,
  min(c.remote_address || ' port ' || c.remote_port) AS example_peer
FROM network_connections c
JOIN processes p ON p.process_key = c.process_key
WHERE
  c.protocol = 'tcp'
  AND c.state IN ('established', 'syn_sent')
  AND address_class(c.remote_address) <> 'loopback'
  -- Whoever is called by many is a server.
  AND c.direction = 'outbound'
GROUP BY c.pid, c.process_key
HAVING
  (count(DISTINCT c.remote_address) > 100 AND count(DISTINCT c.remote_port) <= 3)
  OR count(DISTINCT c.remote_address) FILTER (WHERE c.state = 'syn_sent') > 30
