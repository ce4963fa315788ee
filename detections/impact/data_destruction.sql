---
id: bf982232-89c6-404b-b692-b2374f83d933
title: Disks wiped or files encrypted in bulk
description: >-
  A disk is overwritten with zeros or chance, the whole file system is deleted, or files of users and services go
  through openssl, gpg or the like in bulk. Wipers and the simple kind of ransomware use the tools that every host has,
  and the work takes long enough to be seen.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1485/
  - https://attack.mitre.org/techniques/T1486/
  - https://attack.mitre.org/techniques/T1561/001/
  - https://attack.mitre.org/techniques/T1070/002/
tags:
  - attack.impact
  - attack.t1485
  - attack.t1486
  - attack.t1561.001
  - attack.defense-evasion
  - attack.t1070.002
platforms: [linux]
falsepositives:
  - Disks that are wiped on purpose before they are sold, thrown away or encrypted
  - Backups that encrypt one file after another through xargs or find
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} destroys or encrypts data"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. Every second counts: `kill -STOP PID` and its parent (a loop starts the next one), then ask. Suspended, the process
     also keeps the key or passphrase in its memory and its command line.
  2. Nobody ordered it: isolate the host now, and the storage that others mount from it. Do not reboot a host whose disk
     was being overwritten; what is in memory may be all that is left.
  3. Keep memory, the command line (openssl's `-pass`, gpg's `--passphrase` give the key) and the script of the parent.
  4. Look at the other hosts: this is done to many at once, from where the administration is done. Stop that path
     (configuration management, ssh keys, hypervisor).
  5. Check that backups are out of reach and intact before anything is restored.
---
WITH word(disk, cipher) AS (
  SELECT
    -- Disks and partitions; not loop devices, nor the volumes of a volume manager.
    '/dev/([svh]d[a-z]+[0-9]*|xvd[a-z]+[0-9]*|nvme[0-9]+n[0-9]+(p[0-9]+)?|mmcblk[0-9]+(p[0-9]+)?|md[0-9]+)( |$)',
    '(\S*/)?(openssl (enc|aes-\S+|rsautl|smime)|gpg2? (\S.* )?(-c|--symmetric)|ccrypt|ccencrypt)( |$)'
),
destruction(onto_disk, shredded, deleted, each_file, in_bulk, looped) AS (
  SELECT
    ' of=' || disk,
    '^(\S*/)?(shred|wipe|srm|scrub|nwipe) (.* )?(' || disk || '|/var/log(/| |$))',
    '^(\S*/)?rm (-\S+ )*(--no-preserve-root|/( |$)|/bin /boot )',
    -- Over whole trees, one file after another.
    '^(\S*/)?find (/|/home|/root|/srv|/var|/var/www|/etc|/mnt|/data)/? .*'
    || '-exec(dir)? ((\S*/)?(shred|srm|wipe) |' || cipher || ')',
    '^(\S*/)?(xargs|parallel) (.* )?' || cipher,
    '\bdo\b[^|]*\b' || cipher
  FROM word
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
  working_directory,
  container_id,
  start_time
FROM processes
WHERE
  (
    command_line REGEXP '^(\S*/)?(busybox )?dd '
    AND command_line REGEXP ' if=/dev/(zero|u?random)( |$)'
    AND command_line REGEXP (SELECT onto_disk FROM destruction)
    -- A few blocks at the start are how storage is made ready for new use.
    AND command_line NOT REGEXP ' count=[0-9]{1,3}( |$)'
  )
  OR command_line REGEXP (SELECT shredded FROM destruction)
  OR command_line REGEXP (SELECT deleted FROM destruction)
  OR command_line REGEXP (SELECT each_file FROM destruction)
  OR command_line REGEXP (SELECT in_bulk FROM destruction)
  OR (
    (name REGEXP '^(ba|da|z|k|a)?sh$' OR basename(executable_path) REGEXP '^(ba|da|z|k|a)?sh$')
    AND command_line REGEXP (SELECT looped FROM destruction)
  )
