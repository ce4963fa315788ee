---
id: 2f7c9a14-5d83-4e6b-b1c2-90e4d7a8f365
title: Mining program running
description: >-
  The file of a running program holds what programs say that mine a currency for somebody else: the words of the Stratum
  protocol, or those of XMRig. Its name and its command line do not matter. Programs below /usr/bin, /usr/sbin and
  /usr/lib, which belong to packages, and files above 64 MB are not searched.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1496/
  - https://en.bitcoin.it/wiki/Stratum_mining_protocol
tags: [attack.impact, attack.t1496]
platforms: [linux]
falsepositives:
  - A miner that the owner of the host runs
  - Pools, proxies and monitors of the Stratum protocol
resources: { yara: [rules/miners.yar] }
suppression: { by: [process_key, rule_name], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} is a mining program by the rule {{rule_name}}"
  entity: [process_key]
  context: [executable_path, command_line, rule_name, match_strings]
runbook: |
  1. Who started it? Its parent, and what starts it again: cron, units of the user, authorized_keys.
  2. Keep the file (`cp /proc/PID/exe`) and its configuration: the address of the wallet ties incidents together.
  3. Close the way in before ending it: whoever mines usually comes by an open service or a stolen key.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_name,
  y.rule_name,
  y.match_count,
  y.match_strings
FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid
WHEN NOT p.executable_path REGEXP '^/usr/(s?bin|lib)/'
AUTO JOIN yara_matches y ON y.pid = p.pid
WHEN b.file_size <= 67108864
