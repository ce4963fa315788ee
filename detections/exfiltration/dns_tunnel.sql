---
id: 0f6a3c1e-8f0d-4b63-9a51-7f1d2f8c4e02
title: Data carried out in DNS queries
description: >-
  A process asks within seconds for many names below one domain that are long and look random. Nobody gives hosts such
  names: they are data, carried through resolvers to whoever owns the domain, past every firewall that lets DNS through.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1048/003/
  - https://attack.mitre.org/techniques/T1071/004/
  - https://github.com/yarrick/iodine
  - https://github.com/iagox86/dnscat2
tags: [attack.exfiltration, attack.t1048.003, attack.command-and-control, attack.t1071.004, attack.t1572]
platforms: [linux]
schedule: { every: 5m }
falsepositives:
  - Lookups of file hashes by virus scanners, and of blocked senders by mail servers, where these ask in long names
  - Resolvers of this host that ask for many clients at once
suppression: { by: [domain, pid], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) asked for {{names}} random names below {{domain}}"
  entity: [domain, pid]
  context: [names, entropy, length, example, resolver, command_line]
runbook: |
  1. Look at the example. Hexadecimal or base32 of equal length, changing from query to query, is a tunnel; a hash below
     the domain of your virus scanner's maker is none.
  2. Read who asks: iodine, dnscat2 and dns2tcp by name, or an interpreter. A resolver asks for others: find its client.
  3. Block the domain at the resolver, then isolate the host. What has gone out is in the resolver's log.
---
WITH
  asked AS (
    SELECT
      pid,
      process_key,
      dns_query,
      destination_ip,
      -- Up to the last dot, without it.
      rtrim(rtrim(dns_query, replace(dns_query, '.', '')), '.') AS above
    FROM protocol_analysis
    WHERE
      connection_id GLOB 'udp *'
      AND protocol = 'dns'
      -- A resolver of this host has a row of its own: it answers.
      AND platform_data ->> 'end' = 'source'
  ),
  parted AS (
    SELECT
      *,
      rtrim(rtrim(above, replace(above, '.', '')), '.') AS data
    FROM asked
  )
SELECT
  d.pid,
  d.process_key,
  p.name,
  p.command_line,
  p.user_name,
  substr(d.dns_query, length(d.data) + 2) AS domain,
  count(DISTINCT d.dns_query) AS names,
  round(avg(entropy(d.data)), 2) AS entropy,
  max(length(d.data)) AS length,
  max(d.dns_query) AS example,
  max(d.destination_ip) AS resolver
FROM parted d
LEFT JOIN processes p ON p.process_key = d.process_key
WHERE length(d.data) >= 25 AND entropy(d.data) >= 3.2
GROUP BY d.process_key, d.pid, domain
HAVING count(DISTINCT d.dns_query) >= 15
