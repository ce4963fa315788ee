---
id: 2f465b8c-cb0f-4ccb-9357-18d7cdd3a466
title: Shell somewhere below a web server
description: >-
  Among the ancestors of a shell is a web server or an application server, at any distance. Web shells and exploits put
  programs in between (perl, python, timeout, nohup, a helper of their own), so that the shell's parent looks harmless;
  the line of ancestors still leads to the server.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1190/
  - https://attack.mitre.org/techniques/T1505/003/
  - https://attack.mitre.org/techniques/T1059/004/
tags:
  - attack.initial-access
  - attack.t1190
  - attack.persistence
  - attack.t1505.003
  - attack.execution
  - attack.t1059.004
platforms: [linux]
falsepositives:
  - CGI programs and Git hooks of a forge (gitolite, Gitea behind fcgiwrap), which are shell scripts by design
  - Web applications that call command line tools through a wrapper script
  - Web consoles for administrators, such as Cockpit or shellinabox behind a web server
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) runs {{depth}} steps below {{server}}"
  entity: [process_key]
  context: [command_line, parent_command_line, server, server_pid, depth]
runbook: |
  1. Read the line from the server down (`pstree -asp PID`): which program between the two starts shells, and who put it
     there? Scripts below the web root that are younger than the last deployment are suspects.
  2. Find the request in the server's access log around `start_time` of the topmost program below the server.
  3. Look at what the shell did: children, sockets, files of the server's user since then.
  4. If it is hostile, isolate the host, keep web root and logs, rotate what the server's user could read, and close the
     hole before the server comes back.
  5. If it is a tool of the application, add an exception for its exact command line.
---
SELECT
  p.pid,
  p.process_key,
  p.name,
  p.executable_path,
  p.command_line,
  p.user_id,
  p.user_name,
  p.ppid,
  p.parent_process,
  p.parent_command_line,
  p.working_directory,
  p.container_id,
  p.start_time,
  a.name AS server,
  a.ancestor_pid AS server_pid,
  a.depth
FROM processes p
JOIN process_ancestors a ON a.process_key = p.process_key
WHERE
  p.state IS NOT 'zombie'
  AND (
    p.name REGEXP '^((ba|da|z|k|a|mk|fi|c|tc|rba)?sh)$'
    OR basename(p.executable_path) REGEXP '^((ba|da|z|k|a|mk|fi|c|tc|rba)?sh)$'
  )
  -- A shell right below the server is told of by "Shell under a network service".
  AND a.depth > 1
  AND (
    a.name REGEXP '^(nginx|apache2|httpd|lighttpd|caddy|php-fpm[0-9.]*|php-cgi[0-9.]*|uwsgi|gunicorn)$'
    OR basename(a.executable_path) REGEXP '^(nginx|apache2|httpd|lighttpd|caddy|php-fpm[0-9.]*|php-cgi[0-9.]*|uwsgi)$'
    OR (
      basename(a.executable_path) = 'java'
      AND a.command_line REGEXP '(?i)(catalina|tomcat|jetty|jboss|wildfly|weblogic|websphere|confluence|activemq|solr)'
    )
  )
