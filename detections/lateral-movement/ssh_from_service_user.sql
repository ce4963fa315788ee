---
id: 79670734-221d-4fb9-9a42-844d7c563b7d
title: SSH out of a service account
description: >-
  The account of a web server, a database or another service started ssh, scp, sftp or sshpass towards another host. Such
  accounts have no keys and no reason to log in elsewhere; intruders who came in through the service do. The log shipping
  of PostgreSQL and deployments with git are left out.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1021/004/
  - https://attack.mitre.org/techniques/T1552/004/
  - https://www.postgresql.org/docs/current/continuous-archiving.html
  - https://pgbackrest.org/user-guide.html
tags: [attack.lateral-movement, attack.t1021.004]
platforms: [linux]
falsepositives:
  - Web applications whose purpose is to log in elsewhere, such as control panels, web terminals and SFTP plug-ins
  - Replication and backup of databases with home-made scripts over ssh
  - Deployments that run as the web server's user with rsync or scp
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{user_name}} started {{name}} (pid {{pid}}) towards another host"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. Read where it goes and with what: `-i` names a key, sshpass a password. Find out how the account came by it; keys of
     people and of root must not be readable for it.
  2. Options such as StrictHostKeyChecking=no, BatchMode=yes and ConnectTimeout, or a command that downloads something,
     are those of a script that spreads. `-R`, `-D` and `-N` make a tunnel instead of a login.
  3. Look at the target at once: logins from this host since `start_time` (`last -i`, the journal of sshd), and what was
     started there.
  4. Follow the parents back to the service, and read its logs: this is rarely where the intrusion began.
  5. If the application needs it, give it an account of its own and add an exception for its exact line and parent.
---
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
WHERE (
    name IN ('ssh', 'scp', 'sftp', 'sshpass', 'autossh', 'dbclient')
    OR basename(executable_path) IN ('ssh', 'scp', 'sftp', 'sshpass', 'autossh', 'dbclient')
  )
  -- Not those whose purpose it is: monitoring, backup, version control and CI log in to other hosts all day.
  AND user_name IN (
    'www-data', 'apache', 'httpd', 'nginx', 'wwwrun', 'lighttpd', 'caddy', 'tomcat', 'jetty', 'jboss', 'wildfly', 'solr',
    'postgres', 'mysql', 'mariadb', 'redis', 'valkey', 'mongodb', 'mongod', 'memcache', 'memcached', 'elasticsearch',
    'couchdb', 'cassandra', 'rabbitmq', 'grafana', 'kibana', 'squid', 'proxy', 'named', 'bind', 'postfix', 'Debian-exim',
    'mail', 'lp', 'cups', 'ftp', 'vsftpd', 'proftpd', 'daemon', 'bin', 'games', 'sys', 'nobody'
  )
  -- git fetches and pushes by starting ssh itself, with this and nothing behind it.
  AND (
    parent_process = 'git'
    AND command_line REGEXP ' git-(upload|receive)-pack ''[^'']+''$'
  ) IS NOT TRUE
  -- PostgreSQL's archiver sends away segments of its log, and its backup tools reach their own kind.
  AND (
    user_name = 'postgres'
    AND (
      command_line REGEXP '^(scp|sftp)( -\S+)* pg_wal/[0-9A-F]{24} \S+$'
      OR parent_command_line REGEXP '^(scp|rsync)( -\S+)* pg_wal/[0-9A-F]{24} \S+$'
      OR (parent_process = 'pgbackrest' AND command_line REGEXP ' pgbackrest( --[\w=./-]+)* [a-z-]+:remote$')
      OR (parent_process IN ('repmgr', 'repmgrd') AND command_line GLOB '* /bin/true')
    )
  ) IS NOT TRUE
