---
id: c6498a65-8656-4c0e-b4ae-dacd29504eac
title: Command line of a cryptocurrency miner
description: >-
  A process has the name of a mining program, or arguments that only miners take: the address of a mining pool, a wallet
  to be paid into, options that no other program has. Miners are what most intrusions into servers end in, and the way
  in is open to worse.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1496/001/
  - https://xmrig.com/docs/miner/command-line-options
  - https://docs.getmonero.org/public-address/standard-address/
tags: [attack.impact, attack.t1496.001]
platforms: [linux]
falsepositives:
  - Mining that the owner of the host wants, and staff who try a miner out
  - Programs that quote such a line in their own arguments, such as a search for it through sudo, ssh or a shell, or a
    chat bot or price tracker with `--coin monero`
  - Software that was given a miner's name, such as a metrics exporter for one
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} looks like a miner"
  entity: [process_key]
  context: [command_line, executable_path, cpu_usage, parent_process, parent_command_line]
runbook: |
  1. Confirm it: processor use near the number of cores (`cpu_usage`, `accumulated_cpu_time`), a lasting connection to the
     pool (`ss -tupn`).
  2. Note pool and wallet from the command line, keep the program (`cp /proc/PID/exe evidence`) and its configuration
     file, then stop it.
  3. Find what brings it back: crontabs of all users, systemd units and timers, `rc.local`, `authorized_keys`, a watching
     script. Miners also remove rivals and switch monitoring off: check that agents and logging still run.
  4. Find the way in from parent, user and start: an exposed database, Docker or Kubernetes API, a weak ssh password, a
     hole in a web application. Close it, and rotate the credentials that the account could read, cloud keys first.
---
WITH miner(title, options, algorithm, pool, wallet) AS (
  SELECT
    -- A program's name, alone or as the first word of a command line. Endings such as -notls, -avx2 or -6.21.0 count; a
    -- maintainer script like xmrig.postinst does not.
    '(?i)^(\S*/)?(xmrig|xmr-stak|cpuminer|minerd|ccminer|cgminer|bfgminer|ethminer|nbminer|nanominer|lolminer'
    || '|phoenixminer|teamredminer|srbminer|wildrig|bzminer|nheqminer|kdevtmpfsi|kinsing)'
    || '([A-Za-z0-9_-]|[.][0-9])*(\s|$)',
    -- Options of the most common family of miners, XMRig and its forks.
    '(^|\s)--(donate-level|donate-over-proxy|nicehash|rig-id|cpu-priority|cpu-max-threads-hint'
    || '|randomx-[a-z0-9-]+)(=|\s|$)',
    -- An algorithm or a coin by the name that miners know it by.
    '(?i)(^|\s)--(algo[=\s](rx/|cn/|cn-|randomx|cryptonight|argon2/|ghostrider|kawpow|ethash|etchash|autolykos'
    || '|equihash)|coin[=\s](monero|xmr|wownero|ravencoin|zephyr|dero))',
    -- A host with a port, by the options that nearly all miners share.
    '(^|\s)(-o|--url|--pool|--server|-P)[=\s]\S+:[0-9]{2,5}(\s|$)',
    -- Wallets of Monero, of Bitcoin new and old, of Ethereum and its kin.
    '(^|\s)(-u|--user|--wallet|-wal)[=\s]([48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}|bc1[02-9ac-hj-np-z]{20,71}'
    || '|[13LDR][1-9A-HJ-NP-Za-km-z]{25,33}|0x[0-9a-fA-F]{40})'
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
  cpu_usage,
  accumulated_cpu_time,
  thread_count,
  container_id,
  start_time
FROM processes
WHERE (
    -- Called what miners are called: by the kernel, by its file, or by whoever started it.
    name REGEXP (SELECT title FROM miner)
    OR basename(executable_path) REGEXP (SELECT title FROM miner)
    OR command_line REGEXP (SELECT title FROM miner)
    -- A pool's address in the mining protocol. The scheme without a host is what people search for.
    OR command_line REGEXP '(?i)\b(stratum[0-9]?(\+[a-z0-9]+)?|ethproxy\+tcp|daemon\+https?)://[\w\[]'
    OR command_line REGEXP (SELECT options FROM miner)
    OR command_line REGEXP (SELECT algorithm FROM miner)
    -- Under any name and without a scheme: somewhere to connect to and somewhere to be paid into.
    OR (
      command_line REGEXP (SELECT pool FROM miner)
      AND command_line REGEXP (SELECT wallet FROM miner)
    )
  )
  -- Programs that read, search, edit or install what such a line was quoted in, from where the distribution puts them: a
  -- miner that is merely called grep still counts.
  AND (
    executable_path REGEXP '^(/usr)?/bin/([ef]?grep|rg|ag|sed|[gm]?awk|cat|less|more|head|tail|view|vim?|vim[.][a-z0-9]+'
      || '|nvim|nano|emacs[a-z0-9.-]*|man|strings|jq|find|git|journalctl|ps|pgrep|pkill|apt|apt-get|dpkg|rpm|snap)$'
  ) IS NOT TRUE
