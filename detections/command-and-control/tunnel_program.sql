---
id: 178995b7-5d3a-45a0-8895-fa6201fc602b
title: Tunnel out of the network
description: >-
  A program that carries connections out of the network and back in: chisel, frp, ngrok, ligolo and their like by name
  or by options that only they have, a Cloudflare tunnel that was not installed as a service, or ssh to a public relay.
  Intruders use them to keep a way in that no firewall sees, and to reach the hosts behind this one.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1572/
  - https://attack.mitre.org/techniques/T1090/
  - https://github.com/jpillora/chisel
  - https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/do-more-with-tunnels/trycloudflare/
tags: [attack.command-and-control, attack.t1572, attack.t1090]
platforms: [linux]
falsepositives:
  - Developers who show a local web application to others with ngrok, localtunnel, bore or a quick Cloudflare tunnel
  - Remote access to devices that the owner of the host built on frp, rathole or wstunnel
  - Other software of the same name, such as an internal service called chisel
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} opens a tunnel"
  entity: [process_key]
  context: [command_line, executable_path, parent_process, parent_command_line]
runbook: |
  1. Ask the person whose account it is. A developer's short-lived ngrok on a laptop is a matter of policy; a tunnel of
     root or of a service user on a server is an intruder until shown otherwise.
  2. Note both ends before you stop it: the relay (`ss -tupn`, the command line, its configuration file), and what it
     leads to inside (ports, SOCKS proxy). Keep the program (`cp /proc/PID/exe evidence`).
  3. Everything that came through it seems to come from this host. Look in the logs of the hosts behind it for logins
     and scans from this address since `start_time`.
  4. Block the relay at the edge, search the other hosts for connections to it, and remove what restarts it (systemd
     units, crontabs, `nohup` lines in shell profiles).
  5. If it has to stay, add an exception for its exact path, user and destination.
---
WITH tunnel(title, options, cloudflare_token, quick_tunnel, relay) AS (
  SELECT
    -- A program's name, alone or as the first word of a command line, with endings such as -linux-amd64 or _1.9.1.
    '(?i)^(\S*/)?(chisel|frp[cs]|ngrok|rathole|gost|ligolo|bore|revsocks|rsocx|pingtunnel|icmptunnel|ptunnel'
    || '|iodined?|dnscat2?|wstunnel|gs-netcat|stowaway|zrok|localtonet|loclx|pagekite|microsocks|3proxy)'
    || '([-_][A-Za-z0-9._-]*|[.][a-z0-9]+)?(\s|$)',
    -- Under any name: chisel's reverse ports, frp's configuration, dnscat's domain, ligolo's agent.
    '\sclient (\S+ )+R:([0-9]|socks)|\s-c \S*frp[cs][.](ini|toml|ya?ml|json)(\s|$)'
    || '|\s--dns[= ]\S*(server|domain)=|\s-connect \S+:[0-9]+ -ignore-cert',
    -- A token is JSON in base64 and begins with {"a":".
    '[= ]eyJhIjoi[A-Za-z0-9+/_-]{40}',
    '\stunnel (.* )?--url[= ]',
    -- Relays that lend an address to whoever comes.
    '^(\S*/)?(auto)?ssh .*-R.*[@ ]([a-z0-9-]+[.])*(serveo[.]net|localhost[.]run|pinggy[.](io|link)|lhr[.]life)(\s|$)'
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
  name REGEXP (SELECT title FROM tunnel)
  OR basename(executable_path) REGEXP (SELECT title FROM tunnel)
  OR command_line REGEXP (SELECT title FROM tunnel)
  OR command_line REGEXP (SELECT options FROM tunnel)
  OR command_line REGEXP (SELECT relay FROM tunnel)
  OR command_line REGEXP (SELECT quick_tunnel FROM tunnel)
  OR (
    command_line REGEXP (SELECT cloudflare_token FROM tunnel)
    -- As its package and its image install it: the known program, kept running by the init system or a container engine.
    AND (
      executable_path REGEXP '^/usr/(local/)?bin/cloudflared$'
      AND parent_process IN ('systemd', 'containerd-shim', 'conmon')
    ) IS NOT TRUE
  )
