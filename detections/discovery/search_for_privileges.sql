---
id: 5b7379d4-5873-40d6-b13f-924f29eb2531
title: Search of the host for keys and ways to root
description: >-
  Somebody goes through the whole host in search of private keys, of passwords in files, or of programs that lend root's
  rights, with find, grep and getcap or with one of the scripts that ask it all (LinPEAS, LinEnum, pspy). It is what
  intruders do first with an account that is not yet root's.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1083/
  - https://attack.mitre.org/techniques/T1552/001/
  - https://attack.mitre.org/techniques/T1552/004/
  - https://attack.mitre.org/techniques/T1548/001/
  - https://github.com/peass-ng/PEASS-ng/tree/master/linPEAS
tags: [attack.discovery, attack.t1083, attack.credential-access, attack.t1552.001, attack.t1552.004]
platforms: [linux]
falsepositives:
  - Security scanners and audits that run under an account of their own instead of root
  - Staff in search of a forgotten key or of a password in a configuration
  - Exercises and training hosts
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} searches the host for keys or ways to root"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. Who is it? An account of a service (www-data, postgres, …) that searches the host is an intruder. With a person's
     account, ask the person, not by a message to that account.
  2. Look at the rest of the session: processes with the same parent or session, shell history, files it wrote (the
     scripts are often run with `| tee` or `-o`).
  3. Run the same search yourself and see what it found: set-user-id programs that no package owns, programs with
     capabilities, readable private keys, passwords in files. Close those first, and replace the keys and passwords.
  4. Check whether it already worked: root processes whose parent belongs to this user, new set-user-id files, changes
     in `/etc/passwd`, `/etc/sudoers.d`, `/root/.ssh`.
  5. Find the way in from the parent and the start of the session.
---
WITH search(script, for_keys, for_rights, for_passwords) AS (
  SELECT
    -- As a program, as the script of a shell, or on its way here.
    '(?i)^((\S*/)?((ba|da)?sh|python[0-9.]*|curl .*|wget .*) )?(\S*/)?((linpeas|linenum|linux-exploit-suggester'
    || '|linux-smart-enumeration|pspy(32|64)s?|linuxprivchecker|unix-privesc-check|suid3num)([_-][a-z0-9_-]+)?'
    || '([.](sh|py|pl))?|(lse|les)[.]sh)(\s|$)',
    -- By whomever: root's way to other hosts, too, is paved with other people's keys.
    '^(\S*/)?find (/|/home|/root)/? .*-i?name \S*(id_(rsa|dsa|ecdsa|ed25519)|[.]kdbx|[.]bash_history'
    || '|[.]git-credentials)',
    -- Set-user-id and set-group-id programs, files that others may write to, and capabilities.
    '^(\S*/)?(find /(usr|usr/bin|bin)?/? .*(-perm [-/+]?(0*[246]000|[ug]+[=+]s|[ao][=+]w|0*2(22)?( |$))'
    || '|-writable( |$))|getcap (-\S+ )*-[a-z]*r[a-z]* /( |$))',
    -- Not in a project, but in all that the host has.
    '(?i)^(\S*/)?([ef]?grep|rg|ag) .*(passw|pwd|secret|api_?key|credential)'
    || '.* /(etc|home|root|var|var/www|opt|srv)?/?(\s|$)'
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  command_line,
  user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  session_id,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE
  command_line REGEXP (SELECT script FROM search)
  OR command_line REGEXP (SELECT for_keys FROM search)
  OR (
    (
      command_line REGEXP (SELECT for_rights FROM search)
      OR command_line REGEXP (SELECT for_passwords FROM search)
    )
    -- Root has no need to look for root. What it runs at night (audits, rkhunter, the distribution's own checks) does.
    AND (user_id = 0) IS NOT TRUE
  )
