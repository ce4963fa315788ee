---
id: ac694585-47bc-436d-b689-0262c22a4125
title: Downloaded or decoded text run as a script
description: >-
  A shell decodes base64 or the like straight into a shell, or runs a download that does not look like an ordinary
  installation: from a bare address, from a paste or file-sharing site, without checking the certificate, with a second
  program in case the first is missing, or as the user of a web server or a database. Nothing of the script ever lies in
  a file. The first stage of most intrusions into servers looks like this.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1059/004/
  - https://attack.mitre.org/techniques/T1105/
  - https://attack.mitre.org/techniques/T1140/
  - https://attack.mitre.org/techniques/T1027/010/
tags:
  - attack.execution
  - attack.t1059.004
  - attack.t1059.006
  - attack.command-and-control
  - attack.t1105
  - attack.defense-evasion
  - attack.t1140
  - attack.t1027.010
platforms: [linux]
falsepositives:
  - Provisioning and image builds that fetch a script from an internal server by its address or with `curl -k`
  - CI jobs and deployment tools that carry a script through an environment variable as base64
  - Installers that try curl first and wget if it is missing, started from a `sh -c` line
  - Administration tools that send themselves to Python as base64 in one line
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} runs downloaded or decoded text"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, working_directory]
runbook: |
  1. Read the line. Fetch the address from another host (never run it), or decode the text with `base64 -d`, and keep
     both. While the shell lives, its children show how far the script has come (`pstree -ap PID`).
  2. Parent, user and session show who asked for it: a web server or database means a hole in it, cron means that the
     intruder was there before, a CI runner means that the job's definition needs reading.
  3. If it is hostile, isolate the host and look for what such scripts leave: crontabs, systemd units, `authorized_keys`,
     `/etc/ld.so.preload`, programs in `/tmp` and `/dev/shm`, stopped security services.
  4. Block the address, search logs of the proxy and of DNS for other hosts that asked for it, and close the way in.
  5. If it is your own provisioning, let it fetch by name with a checked certificate, or add an exception for its exact
     line and parent.
---
WITH word(shell, decoder, fetcher, runner) AS (
  SELECT
    '^(ba|da|z|k|a)?sh$',
    '(base(64|32) [^;|]*-[a-zA-Z]*[dD]|openssl enc [^;|]*-d |xxd [^;|]*-r)',
    '\b(curl|wget|fetch|lwp-download) ',
    -- A shell that has nothing to run but what it is given; bash -s may have arguments for it.
    '[^;]*\| *(sudo |exec |nohup )?(\S*/)?((ba|da|z|k|a)?sh( +-[^\sc]\S*)*( +-[^\sc-]*s[^\sc]* |\s*($|[;)&>|"]|[0-9]>))'
    || '|(python[0-9.]*|perl)( -)?\s*($|[;)&>|"]|[0-9]>))'
),
script(decoded, downloaded, odd_source, inline) AS (
  SELECT
    decoder || runner || '|\beval ["'']?[$`][^;]*' || decoder,
    fetcher || runner,
    -- Four numbers for a host.
    '([\s/@"'']([0-9]{1,3}[.]){3}[0-9]{1,3}[:/\s"''|)]'
    -- Where anybody can leave a file or a text, and names that change hands.
    || '|//([a-z0-9-]+[.])*(pastebin[.]com|paste[.](ee|rs)|transfer[.]sh|0x0[.]st|termbin[.]com|bashupload[.]com'
    || '|gofile[.]io|catbox[.]moe|temp[.]sh|oshi[.]at|cdn[.]discordapp[.]com|trycloudflare[.]com|duckdns[.]org'
    || '|ngrok(-free)?[.](io|app|dev))/'
    || '|[.]onion[:/\s"'']'
    -- Nobody's certificate will do.
    || '|curl [^|;]*(-[a-zA-Z]*k[a-zA-Z]*|--insecure) |--no-check-certificate'
    -- Whatever happens to be installed.
    || '|\|\| *(\S*/)?(curl|wget) )',
    -- Interpreters that fetch or decode their program. Configuration management sends itself as one long text between
    -- triple quotes, which is left out.
    '^(\S*/)?(python[0-9.]* (-\S+ )*-[a-zA-Z]*c .*exec[(].*(urlopen|requests[.]get|b64decode[(]["'']?[^"''])'
    || '|php[0-9.]* (-\S+ )*-r .*eval[(].*(file_get_contents|base64_decode))'
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
  command_line REGEXP (SELECT inline FROM script)
  OR (
    (name REGEXP (SELECT shell FROM word) OR basename(executable_path) REGEXP (SELECT shell FROM word))
    AND (
      command_line REGEXP (SELECT decoded FROM script)
      OR (
        command_line REGEXP (SELECT downloaded FROM script)
        AND (
          command_line REGEXP (SELECT odd_source FROM script)
          -- Users of services have nothing to install.
          OR user_name IN (
            'www-data', 'apache', 'nginx', 'wwwrun', 'tomcat', 'postgres', 'mysql', 'redis', 'mongodb', 'elasticsearch',
            'nobody'
          )
        )
      )
    )
  )
