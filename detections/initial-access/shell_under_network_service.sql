---
id: 9858bdcc-58ca-4b1a-985b-aa9736a685c2
title: Shell under a network service
description: >-
  A web server, an application server, a database or another network service started a shell, or an interpreter with a
  program in its arguments. That is what a web shell, a command injection or a database's COPY … TO PROGRAM looks like
  from the host.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1190/
  - https://attack.mitre.org/techniques/T1505/003/
  - https://attack.mitre.org/techniques/T1059/004/
  - https://www.postgresql.org/docs/current/continuous-archiving.html
  - https://www.php.net/manual/en/mail.configuration.php
tags:
  - attack.initial-access
  - attack.t1190
  - attack.persistence
  - attack.t1505.003
  - attack.execution
  - attack.t1059.004
platforms: [linux]
falsepositives:
  - CGI programs written as shell scripts (Nagios, cgit, home-made health checks), which the web server starts itself
  - Web applications that call command line tools through a shell, such as ImageMagick, ffmpeg, git or wkhtmltopdf
  - An archive_command or restore_command of PostgreSQL that is a longer shell line or a script
  - State transfers of a Galera cluster (mysqld starts wsrep_sst_… through a shell) and pipe transports of Exim
  - Log programs that Apache starts with `|$`
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{parent_process}} started {{name}} (pid {{pid}}) as {{user_name}}"
  entity: [process_key]
  context: [command_line, parent_command_line, working_directory]
runbook: |
  1. Read the command line. `id`, `whoami`, `uname -a`, `curl … | sh`, `/dev/tcp/`, base64 and `bash -i` are an intruder
     at work; a fixed line with the paths of a known application is probably that application.
  2. Find the request behind it: access and error logs of the service around `start_time`, for a database the statement
     log (COPY … PROGRAM, sys_exec, MODULE LOAD).
  3. Look at the children and open sockets of the shell (`pstree -p PID`, `ss -tupn`) and at files that the service's
     user wrote lately: `find / -user USER -newermt … -type f`, above all below the web root.
  4. If hostile: isolate the host rather than only killing the shell, keep the web root and logs, rotate every secret
     that the service could read, and patch the way in before it comes back.
  5. If it is the application: add an exception for its exact command line and parent.
---
WITH program(shell, inline, service, application_server) AS (
  SELECT
    '^(sh|bash|dash|rbash|ash|zsh|ksh|ksh93|mksh|fish|csh|tcsh)$',
    -- Interpreters that find their program in their arguments.
    '^\S*(python[0-9.]*( -\S+)* -[A-Za-z]*c'
    || '|(perl|ruby|lua|node)[0-9.]*( -\S+)* -[A-Za-z]*[eE]'
    || '|php[0-9.]*( -\S+)* -r)( |$)',
    -- Not sshd: shells are its purpose.
    '^(nginx|apache2|httpd|lighttpd|caddy|php-fpm[0-9.]*|php-cgi[0-9.]*|uwsgi|gunicorn|squid'
    || '|postgres|mysqld|mariadbd|redis-server|valkey-server|mongod|memcached'
    || '|named|exim4?|smbd|vsftpd|proftpd)$',
    '(?i)(catalina|tomcat|jetty|jboss|wildfly|weblogic|websphere|confluence|activemq|solr|coldfusion)'
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
  parent_executable_path,
  parent_command_line,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE
  -- A shell that has ended has no command line left to be judged by.
  state IS NOT 'zombie'
  AND (
    -- By name, which for busybox says which of its programs runs, or by file, which a process cannot rename.
    name REGEXP (SELECT shell FROM program)
    OR basename(executable_path) REGEXP (SELECT shell FROM program)
    -- A shell often replaces itself with its last command, so that python -c is all that is left to see.
    OR command_line REGEXP (SELECT inline FROM program)
  )
  AND (
    -- By name, which says gunicorn where the file is Python's, or by file.
    parent_process REGEXP (SELECT service FROM program)
    OR basename(parent_executable_path) REGEXP (SELECT service FROM program)
    -- Java is a network service where its arguments name an application server. Build servers start shells all day.
    OR (
      basename(parent_executable_path) = 'java'
      AND parent_command_line REGEXP (SELECT application_server FROM program)
    )
  )
  -- What PHP's mail() runs: the whole line, so that nothing can be added to it.
  AND (command_line REGEXP '^sh -c /usr/s?bin/sendmail -t -i ?$') IS NOT TRUE
  -- PostgreSQL's archiver with the copy that its manual shows, or with a backup tool. What clients ask for runs under
  -- other processes, and a line that has more of the shell's language in it is not left out.
  AND (
    parent_command_line REGEXP '^postgres: (\S+: )?archiver'
    AND (
      command_line REGEXP '^sh -c test ! -f [\w./-]+ && cp [\w./-]+ [\w./-]+$'
      OR command_line REGEXP '^sh -c (/usr/bin/)?(pgbackrest|wal-g|barman-wal-archive)( [\w=./:@-]+)*$'
    )
  ) IS NOT TRUE
