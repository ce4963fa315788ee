---
id: 2e7d9a40-6b1c-4c85-b8f2-5d3e0c7a1b04
title: Interpreter that calls itself curl
description: >-
  An interpreter fetches something by HTTP and tells the server that it is curl or wget. These tools name themselves;
  a script that takes their name hides that it is a script, as loaders do whose server gives the next stage to such
  clients alone.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1105/
  - https://attack.mitre.org/techniques/T1071/001/
  - https://attack.mitre.org/techniques/T1036/
tags: [attack.command-and-control, attack.t1105, attack.t1071.001, attack.defense-evasion, attack.t1036]
platforms: [linux]
schedule: { every: 5m }
falsepositives:
  - Scripts that take curl's name to be answered in plain text (wttr.in, ifconfig.me), or to pass a filter of a mirror
suppression: { by: [process_key, url], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) fetches {{url}} as {{user_agent}}"
  entity: [process_key, url]
  context: [status_code, content_type, destination_ip, command_line, user_name]
runbook: |
  1. Fetch the URL from elsewhere with the same agent, into a file, and read it without running it.
  2. Read the script: `command_line`, and its file. Who started it, and when did the file appear?
  3. Look for what it wrote and started afterwards. Ask other hosts' logs for the same URL.
---
SELECT
  a.pid,
  a.process_key,
  p.name,
  p.command_line,
  p.user_name,
  a.url,
  a.user_agent,
  a.status_code,
  a.content_type,
  a.destination_ip
FROM protocol_analysis a
JOIN processes p ON p.process_key = a.process_key
WHERE
  a.connection_id GLOB 'tcp *'
  AND a.protocol = 'http'
  AND a.method = 'GET'
  AND (a.user_agent LIKE 'curl/%' OR a.user_agent LIKE 'wget/%')
  -- Its name is that of the script where the script's first line names the interpreter.
  AND basename(p.executable_path) REGEXP '^(python|perl|ruby|php|node|lua|deno|bun|java)[0-9.]*$'
  -- The interpreter asks; where it is the server, its clients may call themselves what they like.
  AND a.platform_data ->> 'end' = 'source'
