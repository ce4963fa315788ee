---
id: 9b3f8d5a-51d7-4f0c-8a60-2b6f4e1d9c03
title: Service that agrees on an obsolete version of TLS
description: >-
  A process of this host, as the server of a connection, agreed on SSL 3.0, TLS 1.0 or TLS 1.1. These are broken and
  forbidden (RFC 7568, RFC 8996): who sits between can read or change what is said, and force clients down to them.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1562/010/
  - https://www.rfc-editor.org/rfc/rfc8996
  - https://www.rfc-editor.org/rfc/rfc7568
tags: [attack.defense-evasion, attack.t1562.010, attack.credential-access, attack.t1557]
platforms: [linux]
schedule: { every: 15m }
falsepositives:
  - Services that must serve devices which know nothing newer; give them a network of their own
suppression: { by: [destination_port, ssl_version], for: 1d }
alert:
  title: "{{name}} (pid {{pid}}) agreed on {{ssl_version}} with {{clients}} clients"
  entity: [destination_port, ssl_version]
  context: [cipher_suite, example_client, server_name, certificate_issuer, command_line]
runbook: |
  1. Find the setting of the service: `ssl_protocols` of nginx, `SSLProtocol` of Apache, `MinProtocol` of OpenSSL.
  2. Was it changed lately, and by whom? A downgrade of one service among many that are well kept is no oversight.
  3. Name the clients: each of them is as old. Switch the version off once they are replaced.
---
SELECT
  a.pid,
  a.process_key,
  p.name,
  p.command_line,
  a.destination_ip,
  a.destination_port,
  a.ssl_version,
  max(a.cipher_suite) AS cipher_suite,
  max(a.certificate_issuer) AS certificate_issuer,
  max(a.platform_data ->> 'server_name') AS server_name,
  count(DISTINCT a.source_ip) AS clients,
  max(a.source_ip) AS example_client
FROM protocol_analysis a
LEFT JOIN processes p ON p.process_key = a.process_key
WHERE
  a.connection_id GLOB 'tcp *'
  AND a.protocol = 'tls'
  AND a.ssl_version IN ('SSLv3', 'TLSv1.0', 'TLSv1.1')
  -- The process is the one that answers.
  AND a.platform_data ->> 'end' = 'destination'
GROUP BY a.process_key, a.pid, a.destination_ip, a.destination_port, a.ssl_version
