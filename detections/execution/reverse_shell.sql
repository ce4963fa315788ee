---
id: d0b001f4-b0b1-48f0-bc72-565202558f70
title: Shell that somebody on the network types into
description: >-
  A shell, or an interpreter with a program in its arguments, is tied to a network connection: bash with /dev/tcp,
  netcat or socat with a shell to run, a socket one-liner in Python, Perl, PHP or Ruby, or an interactive shell in the
  session of a service, where nobody sits at a keyboard. That is how an intruder gets hands on a host after the first
  exploit.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1059/004/
  - https://attack.mitre.org/techniques/T1059/006/
  - https://attack.mitre.org/techniques/T1095/
  - https://www.gnu.org/software/bash/manual/html_node/Redirections.html
  - https://gtfobins.github.io/#+reverse-shell
tags: [attack.execution, attack.t1059.004, attack.t1059.006, attack.command-and-control, attack.t1095]
platforms: [linux]
falsepositives:
  - Administrators who turn a container's plain shell into a full one with `python -c 'import pty; pty.spawn(…)'`
  - Programs that keep an interactive shell on a pipe, such as some editors, notebooks and remote development servers
  - Network services built from socat or ncat with a shell, in laboratories and on embedded devices
  - Exercises of a red team, and shells that search for or edit such a line with `sh -c`
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} looks like a remote shell"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, session_leader, working_directory]
runbook: |
  1. See where it leads: `ss -tupn | grep pid=PID`, `ls -l /proc/PID/fd`. Descriptors 0, 1 and 2 that are sockets, or
     pipes to a process with a socket, settle it. Note the peer's address before you do anything else.
  2. Somebody is probably watching the other end. Isolate the host from outside it (switch, security group) instead of
     killing the shell, which tells them and lets them come back another way.
  3. Keep what it did: children (`pstree -ap PID`), the environment, memory (`gcore PID`), files of that user that are
     younger than `start_time`.
  4. Go up: parent, session leader and user show the way in (web server, CI job, ssh, cron). Read that service's log
     around `start_time`.
  5. Search the other hosts for connections to the same peer, and rotate whatever the account could read.
---
WITH word(shell, client) AS (
  SELECT
    '(ba|da|z|k|a)?sh',
    '(nc|ncat|netcat|telnet|openssl s_client)'
),
program(shell, plain, exec, inline, owner) AS (
  SELECT
    '^' || shell || '$',
    -- Told to be interactive, and nothing else.
    '^(/\S*/)?' || shell || '( -[A-Za-z-]+)* -[a-z]*i[a-z]*( -[A-Za-z-]+)*$',
    -- A network client with a shell to run.
    '^(\S*/)?((busybox )?(nc|ncat|netcat|nc[.](traditional|openbsd)) (.* )?'
    || '(-[a-zA-Z]*[ec]|--exec|--sh-exec)[ =](\S*/)?' || shell || '( |$)'
    || '|socat .*(exec|EXEC|system|SYSTEM):(\S*/)?' || shell || '( -[a-z]+)*(,|$| +[A-Za-z0-9-]+:))',
    -- The one-liners of the well-known collections: they lay a socket under the standard streams, or run what comes.
    '^(\S*/)?(python[0-9.]* (-\S+ )*-[a-zA-Z]*c .*(socket.*dup2|pty[.]spawn)'
    || '|perl[0-9.]* (-\S+ )*-[a-zA-Z]*e .*Socket.*STDIN'
    || '|php[0-9.]* (-\S+ )*-r .*(fsockopen|stream_socket_client).*(exec|system|popen|proc_open|passthru)'
    || '|ruby[0-9.]* .*TCPSocket.*(exec|popen|spawn)'
    || '|lua[0-9.]* .*socket.*(execute|popen)'
    || '|node(js)? .*child_process.*[.]pipe[(]'
    || '|[gm]?awk .*/inet/(tcp|udp)/.*getline)',
    -- What leads a session in which a person works: a shell without a script or a command, or what asked for a password.
    '^-?(/\S*/)?((ba|da|z|k|a|c|tc|fi)?sh( --(init-file|rcfile) \S+| --?[A-Za-z-]+)*$|(sudo|su|login|sshd:) )'
  FROM word
),
told(redirected, copied, looped, piped_out, piped_in) AS (
  SELECT
    -- bash -i >& /dev/tcp/… 0>&1. Waiting for a port does not make the connection the standard input.
    '/dev/(tcp|udp)/[^\s;|]+ [^;|]*(0[<>]&[0-9]|<&1|1>&0)',
    -- exec 5<>/dev/tcp/…; sh <&5 >&5
    '/dev/(tcp|udp)/.*[\s;/]' || shell || '( -[a-z]+)* 0?<&[0-9]',
    -- exec 5<>/dev/tcp/…; while read line; do $line; done <&5
    '/dev/(tcp|udp)/.*\bread\b.*\bdo (eval )?["'']?\$',
    -- cat pipe | sh -i 2>&1 | nc …
    '[\s;&|(/]' || shell || '( -[a-z]+)* *(2>&1)? *\| *(/\S*/)?' || client || ' ',
    -- nc … | sh
    '[\s;&|(/]' || client || ' [^;|]*\| *(/\S*/)?' || shell || '\b'
  FROM word
)
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
  p.session_id,
  leader.name AS session_leader,
  p.working_directory,
  p.container_id,
  p.start_time
FROM processes p
LEFT JOIN processes leader ON leader.pid = p.session_id
WHERE
  p.command_line REGEXP (SELECT exec FROM program)
  OR p.command_line REGEXP (SELECT inline FROM program)
  OR (
    (p.name REGEXP (SELECT shell FROM program) OR basename(p.executable_path) REGEXP (SELECT shell FROM program))
    AND (
      p.command_line REGEXP (SELECT redirected FROM told)
      OR p.command_line REGEXP (SELECT copied FROM told)
      OR p.command_line REGEXP (SELECT looped FROM told)
      OR p.command_line REGEXP (SELECT piped_out FROM told)
      OR p.command_line REGEXP (SELECT piped_in FROM told)
    )
  )
  -- Most shells that were told so replace themselves with the interactive one. Its redirections are gone from sight, but
  -- it lies in a session that no person leads.
  OR (
    p.command_line REGEXP (SELECT plain FROM program)
    AND CASE
      -- Every terminal starts a session, whose leader is the shell itself. Detached from all that, it has init as parent.
      WHEN p.session_id = p.pid THEN p.ppid = 1
      ELSE (leader.command_line REGEXP (SELECT owner FROM program)) IS NOT TRUE
    END
  )
