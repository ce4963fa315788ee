---
id: d7794274-cf28-405b-a2bc-3638c64872ee
title: Tool that scans or attacks other hosts
description: >-
  A scanner, password guesser, password cracker or exploitation tool of the kind that testers and intruders use runs on
  this host, or nmap goes through whole networks. On a server it usually means that somebody has got in here and looks
  for the next host.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1046/
  - https://attack.mitre.org/techniques/T1110/
  - https://attack.mitre.org/techniques/T1021/002/
  - https://attack.mitre.org/techniques/T1557/
  - https://nmap.org/book/man-target-specification.html
tags:
  - attack.discovery
  - attack.t1046
  - attack.credential-access
  - attack.t1110
  - attack.t1557
  - attack.lateral-movement
  - attack.t1021.002
platforms: [linux]
falsepositives:
  - Security staff and testers on hosts that are meant for it, and scanners in CI pipelines (nuclei, nikto, sqlmap)
  - Inventory and home automation that sweep their own network with nmap
  - Other programs of the same name
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} scans or attacks other hosts"
  entity: [process_key]
  context: [command_line, executable_path, parent_process, parent_command_line, working_directory]
runbook: |
  1. Is a test announced, and is this one of its hosts and accounts? If so, add an exception with an end date.
  2. Read the targets from the command line and tell their owners; note the lists of users, passwords and hosts that it
     was given (`ls -l /proc/PID/fd`, working directory), and its output file: it tells what the intruder knows by now.
  3. Take the host off the network before you stop the tool, keep program and lists, and look for what it already found:
     successful logins from here in the logs of the targets since `start_time`.
  4. Find out how it came here: owner and age of the file, shell history, parent and session, downloads of that day.
  5. Passwords that were cracked or guessed have to be changed, on every host where they are used.
---
WITH tool(title, script, sweep) AS (
  SELECT
    -- A program's name, alone or as the first word of a command line, with endings such as -linux-amd64 or .py.
    '(?i)^(\S*/)?(masscan|zmap|rustscan|fscan|naabu|nbtscan|unicornscan|medusa|ncrack|kerbrute|hashcat|john|unshadow'
    || '|netexec|nxc|evil-winrm|smbmap|enum4linux|bettercap|ettercap|arpspoof|dsniff|mitm6|gobuster|feroxbuster|ffuf'
    || '|wfuzz|nuclei|msfconsole|impacket)([-_][A-Za-z0-9._-]+)?([.](py|rb|sh|bin|elf))?(\s|$)',
    -- Scripts by their file, with an interpreter or without, and hydra by its options: other programs are called so.
    '^(\S*/)?(((python[0-9.]*|perl|ruby) (-\S+ )*)?(\S*/)?(psexec|smbexec|wmiexec|dcomexec|atexec|secretsdump'
    || '|ntlmrelayx|GetNPUsers|GetUserSPNs|Responder|crackmapexec|sqlmap|enum4linux|patator|nikto|wpscan)([.](py|pl|rb))?'
    || '|hydra (.* )?-[lLCpP])(\s|$)',
    -- Networks, ranges, lists and chance, and scripts that do more than look. A single host is a diagnosis.
    '^(\S*/)?nmap .*(/([89]|[12][0-9])(\s|$)|[0-9][.][0-9]+-[0-9]|[0-9][.][*]|-i[LR] '
    || '|--script[= ]\S*(vuln|brute|exploit))'
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  executable_hash,
  command_line,
  user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE
  name REGEXP (SELECT title FROM tool)
  OR basename(executable_path) REGEXP (SELECT title FROM tool)
  OR command_line REGEXP (SELECT title FROM tool)
  OR command_line REGEXP (SELECT script FROM tool)
  OR command_line REGEXP (SELECT sweep FROM tool)
