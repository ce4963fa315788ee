---
id: 4d6f70fb-8209-43a9-a179-327d95b88045
title: Data on its way out
description: >-
  A program sends files to a place where anybody can leave some (file-sharing and paste sites, bots of Telegram and
  Discord, catchers of web requests), an archive or a database dump is piped into a bare network connection, or rclone
  runs with credentials on its command line, a configuration in a temporary folder or under another name. It is what
  data theft looks like while it happens.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1567/002/
  - https://attack.mitre.org/techniques/T1048/
  - https://attack.mitre.org/techniques/T1567/004/
  - https://rclone.org/docs/#connection-strings
tags:
  - attack.exfiltration
  - attack.t1567.002
  - attack.t1567.004
  - attack.t1048
platforms: [linux]
falsepositives:
  - People who share a file or a log through such a site, and bots that post files to a team's channel
  - Moving a host by piping tar into netcat
  - Backup scripts that give rclone its credentials on the command line
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} sends data out"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. What leaves, and where to? Files and destination stand in the command line or in `ls -l /proc/PID/fd`; how much has
     gone already in `/proc/PID/io` (`rchar`) and in flow logs.
  2. If it is not expected, stop it at once (`kill -STOP PID` keeps it for study) and block the destination for all hosts.
  3. Find the files that were gathered for it: archives of the same user in `/tmp`, `/var/tmp`, homes and web roots. Keep
     them: they say what was taken.
  4. File-sharing sites and bots take reports: the link, the bot's token or the channel's number in the command line is
     enough to have the data taken down.
  5. Bring in whoever decides on notifications early. Then look for the way in, from the parent and the user.
---
WITH upload(sent, place, piped, rclone, disguised, mega) AS (
  SELECT
    -- A file or what comes down a pipe, not a few words …
    '^(\S*/)?(curl .*(-[a-zA-Z]*T|--upload-file|(-[a-zA-Z]*[Fd]|--form|--data|--data-binary)[ =]?\S*[@<])'
    || '|wget .*--(post|body)-file[= ])',
    -- … to where anybody may leave something, and to bots and channels.
    '(?i)[/@ .](transfer[.]sh|file[.]io|gofile[.]io|temp[.]sh|bashupload[.]com|oshi[.]at|0x0[.]st|catbox[.]moe'
    || '|pixeldrain[.]com|filebin[.]net|tmpfiles[.]org|ufile[.]io|anonfiles?[.](com|la)|paste[.](ee|rs)|pastebin[.]com'
    || '|webhook[.]site|pipedream[.]net|oast[.](pro|live|site|online|fun|me)|oastify[.]com|interact[.]sh'
    || '|trycloudflare[.]com|ngrok(-free)?[.](io|app|dev)|api[.]telegram[.]org/bot\S+/send(document|photo)'
    || '|discord(app)?[.]com/api/webhooks)([/:?\s]|$)',
    -- Archives and dumps into a connection that nobody checks. ssh is how backups travel.
    '\b(tar|zip|cpio|mysqldump|mariadb-dump|pg_dump|pg_dumpall|mongodump) [^;]*'
    || '(\| *(\S*/)?(nc|ncat|netcat|telnet|openssl s_client) |> */dev/(tcp|udp)/)',
    -- A configuration where none is kept, a remote that is described on the spot, a password among the arguments.
    '^(\S*/)?rclone (copy|sync|move|copyto|moveto|rcat) (.* )?(--config[= ](/tmp|/var/tmp|/dev/shm)/|:[a-z0-9]+[,:]'
    || '|--(mega|ftp|sftp|webdav)-pass[= ]|--s3-secret-access-key[= ])',
    -- Options that no other program has.
    '\s(copy|sync|move) .*--(auto-confirm|multi-thread-streams|drive-chunk-size)\b',
    '^(\S*/)?(mega-put|megaput|megacopy|megatools (put|copy)) '
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
  (command_line REGEXP (SELECT sent FROM upload) AND command_line REGEXP (SELECT place FROM upload))
  OR (
    (name REGEXP '^(ba|da|z|k|a)?sh$' OR basename(executable_path) REGEXP '^(ba|da|z|k|a)?sh$')
    AND command_line REGEXP (SELECT piped FROM upload)
  )
  OR command_line REGEXP (SELECT rclone FROM upload)
  OR (
    command_line REGEXP (SELECT disguised FROM upload)
    AND (basename(executable_path) = 'rclone') IS NOT TRUE
    -- Whoever starts rclone has its arguments among their own.
    AND command_line NOT REGEXP '\brclone '
  )
  OR command_line REGEXP (SELECT mega FROM upload)
