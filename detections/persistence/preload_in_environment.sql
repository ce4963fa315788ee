---
id: 477dd2d6-66ae-4b1d-84ba-ae1efa5c6d63
title: Library forced into a process by its environment
description: >-
  A process was started with LD_PRELOAD or LD_AUDIT, which make the dynamic linker load a library into it before its own.
  Userland rootkits and password stealers work this way. Well-known libraries at the paths where distributions install
  them are left out; a library of the same name elsewhere is not.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1574/006/
  - https://man7.org/linux/man-pages/man8/ld.so.8.html
  - https://man7.org/linux/man-pages/man7/rtld-audit.7.html
tags: [attack.persistence, attack.privilege-escalation, attack.defense-evasion, attack.t1574.006]
platforms: [linux]
falsepositives:
  - Debugging and tracing (valgrind, heaptrack, sanitizers, latrace), proxies (torsocks, proxychains), VirtualGL, padsp
  - The Steam overlay and GameMode, which lie in the user's home or load by bare name
  - Monitoring agents and vendors' builds that preload from /opt, such as GitLab's jemalloc or APM injectors
  - Containers whose image sets LD_PRELOAD, for instance to an allocator in an unusual folder
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} was started with a library forced into it"
  entity: [process_key]
  context: [user_name, ld_preload, ld_audit, ld_library_path, command_line]
runbook: |
  1. Find the library: a path as it stands (relative ones from `working_directory`), a bare name in `ld_library_path` and
     the system's folders. `/proc/PID/maps` shows what is really loaded, and `/proc/PID/root` leads into a container.
  2. Ask whether a package owns it (`dpkg -S`, `rpm -qf`) and verify that package. A library in a home, in `/tmp` or
     owned by nobody's package needs explaining; keep a copy and its hash.
  3. Find who sets the variable: the parent's environment, systemd units (`systemctl cat`), `/etc/environment`,
     `/etc/profile.d`, shell profiles, PAM's environment. Look into `/etc/ld.so.preload` as well.
  4. Where it is hostile, do not trust that host's tools: the library may hide files and processes from `ls` and `ps`.
     Use static ones, or read the disk from elsewhere, and change every password typed since the library appeared.
---
WITH known_library(path, bare, folders) AS (
  SELECT
    -- At the full path where distributions install them: allocators, builds without root, false clocks, stdbuf; and
    -- what a snap brings in its own read-only image.
    '((/usr)?/lib(32|64)?(/[a-z0-9_]+-linux-gnu[a-z0-9]*)?/('
    || 'lib(jemalloc|tcmalloc|tcmalloc_minimal|mimalloc)[.]so([.][0-9]+)*'
    || '|libfakeroot/libfakeroot-(sysv|tcp)[.]so|libeatmydata[.]so([.][0-9]+)*'
    || '|faketime/libfaketime(MT)?[.]so[.]1|coreutils/libstdbuf[.]so)'
    || '|/usr/libexec/coreutils/libstdbuf[.]so'
    || '|/snap/[a-z0-9-]+/(current|x?[0-9]+)(/[A-Za-z0-9_$-]+)*/bindtextdomain[.]so)',
    -- Named without a path by fakeroot, by eatmydata, and by Firefox for its own children.
    'lib(fakeroot-(sysv|tcp)|eatmydata|mozsandbox)[.]so',
    -- Where such a name is looked up first: nothing, or folders of root's. An empty entry in the list would be the
    -- working directory.
    '^((/usr/lib|/snap/|/opt/)[A-Za-z0-9_/-]*(:(/usr/lib|/snap/|/opt/)[A-Za-z0-9_/-]*)*)?$'
),
loader AS (
  -- Three variables and no more: the rest of an environment holds secrets that no alert should carry.
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
    start_time,
    -- Lists, separated by colons or spaces.
    trim(environment_variables ->> '$.LD_PRELOAD', ' :') AS ld_preload,
    trim(environment_variables ->> '$.LD_AUDIT', ' :') AS ld_audit,
    environment_variables ->> '$.LD_LIBRARY_PATH' AS ld_library_path
  FROM processes
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
  start_time,
  ld_preload,
  ld_audit,
  ld_library_path
FROM loader
WHERE
  -- Hardly anything but the tracing of a single program uses it, so nothing is left out.
  ld_audit <> ''
  OR (
    ld_preload <> ''
    -- Each entry must be a known one: a library of a well-known name somewhere else is not.
    AND (
      ld_preload REGEXP (SELECT '^(' || path || '([ :]+|$))+$' FROM known_library)
      OR (
        ld_preload REGEXP (SELECT '^((' || path || '|' || bare || ')([ :]+|$))+$' FROM known_library)
        AND COALESCE(ld_library_path, '') REGEXP (SELECT folders FROM known_library)
      )
    ) IS NOT TRUE
  )
