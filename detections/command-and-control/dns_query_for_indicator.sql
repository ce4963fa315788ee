---
id: 6c1d4c52-3a0b-4f7e-9f55-0b8a6f2f7d11
title: DNS query for a name on a list of indicators
description: >-
  A process asks for a name, or one below a domain, that a list of indicators of compromise has. Malware has to find its
  server, and mostly asks for it by name; who asks is known even when the answer was blocked.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1071/004/
  - https://attack.mitre.org/techniques/T1568/
  - https://www.rfc-editor.org/rfc/rfc1035
tags: [attack.command-and-control, attack.t1071.004, attack.t1568]
platforms: [linux]
schedule: { every: 5m }
resources: { indicators: [indicators/domains.csv] }
falsepositives:
  - A resolver or a proxy of this host that asks for others; the alert is then about one of its clients
  - Security tools that look up the names of a list
  - Lists that hold names of hosting services which others use, too
suppression: { by: [dns_query, pid], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) asks for {{dns_query}}"
  entity: [dns_query, pid]
  context: [indicator_id, threat_category, source, dns_response, command_line]
runbook: |
  1. Read who asked. A resolver (systemd-resolved, dnsmasq, unbound) asks for others: look for its client at that time.
  2. Look for connections to the addresses in the answer, here and on other hosts.
  3. Read what the list says of the name, and how sure it is. Block the name; keep the program and its files.
  4. Where the list is wrong, take the name off it rather than making an exception here.
---
SELECT
  a.pid,
  a.process_key,
  p.name,
  p.command_line,
  p.user_name,
  a.dns_query,
  max(a.dns_response) AS dns_response,
  a.destination_ip AS resolver,
  t.indicator_id,
  t.threat_category,
  t.source
FROM protocol_analysis a
JOIN threat_indicators t ON t.indicator_value = a.dns_query
LEFT JOIN processes p ON p.process_key = a.process_key
WHERE
  a.connection_id GLOB 'udp *'
  AND a.protocol = 'dns'
  -- A resolver of this host has a row of its own: it answers.
  AND a.platform_data ->> 'end' = 'source'
  AND t.indicator_type = 'domain'
GROUP BY a.process_key, a.pid, a.dns_query, t.indicator_id
