---
id: 5b1f0c7e-3d24-4f6a-9e1b-8c7d2a6f4e13
title: Connections to another host at regular intervals
description: >-
  This host connects to a public address again and again, at intervals that hardly differ. People and most programs do
  not: implants do, to ask their operator for orders, and so do programs that report or look for updates.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1071/
  - https://attack.mitre.org/techniques/T1029/
  - https://github.com/activecm/rita
tags: [attack.command-and-control, attack.t1071, attack.exfiltration, attack.t1029]
platforms: [linux]
schedule: { every: 1m }
lookback: 30m
falsepositives:
  - Agents of monitoring and management that report to a service outside
  - Programs that poll, such as clients of mail, chat and continuous integration
suppression: { by: [destination_ip, destination_port], for: 1d }
alert:
  title: "Every {{seconds}} s to {{destination_ip}} port {{destination_port}}, {{connections}} times"
  entity: [destination_ip, destination_port]
  context: [process_name, seconds, jitter, regularity, connections, first_time, last_time]
runbook: |
  1. Which program is it? The pid is that of the latest connection that was seen open; short ones show none. Then wait for
     the next: `ss -tnp dst ADDRESS`, or `tcpdump host ADDRESS` for what is said.
  2. Do you know the address? A service that the program's maker runs is an exception to be written: by address or name.
  3. If not, keep the program's file and memory, isolate the host, and look who else connects there.
---
SELECT
  pid,
  process_key,
  process_name,
  source_ip,
  destination_ip,
  destination_port,
  round(interval_mean, 1) AS seconds,
  round(interval_jitter, 2) AS jitter,
  round(anomaly_score, 2) AS regularity,
  occurrence_count AS connections,
  first_occurrence AS first_time,
  last_occurrence AS last_time
FROM traffic_patterns
WHERE
  pattern_type = 'beacon'
  AND direction = 'outbound'
  AND occurrence_count >= 12
  AND anomaly_score >= 0.9
  -- Clocks are set by it, at regular intervals.
  AND destination_port <> 123
  AND address_class(destination_ip) = 'public'
