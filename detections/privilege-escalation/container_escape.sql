---
id: ecf39c08-57c8-4e72-afa2-ef4e5ac08067
title: Step from a container to its host
description: >-
  A process uses one of the known ways from a container to its host: a shell in the namespaces of process 1, a shell
  whose root is the host's file system mounted into a container, a container started with the host's root mounted
  writable, or a write to a kernel setting that makes the kernel run a program on the host.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1611/
  - https://attack.mitre.org/techniques/T1610/
  - https://man7.org/linux/man-pages/man1/nsenter.1.html
  - https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
tags: [attack.privilege-escalation, attack.t1611, attack.execution, attack.defense-evasion, attack.t1610]
platforms: [linux]
falsepositives:
  - Administrators who get a shell on a node with `kubectl debug node`, `kubectl node-shell` or `oc debug`
  - Containers for administration that are given the host's root on purpose, such as the agent of Portainer
  - Crash handlers that are set up by a shell line which writes core_pattern
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} steps from a container to its host"
  entity: [process_key]
  context: [command_line, root_directory, container_id, parent_process, parent_command_line]
runbook: |
  1. Ask the cluster's or host's administrators, and compare with the audit log of Kubernetes or Docker at `start_time`:
     who created that container, from which image, with which token or certificate?
  2. Nobody did: the whole node is lost, with the secrets of every container on it. Take it out of scheduling
     (`kubectl cordon`), isolate it, and do not just delete the pod, which would delete the evidence.
  3. Find the container (`container_id`) and how the intruder got into it: an exposed application, a stolen token, a
     Docker socket or API that was within reach.
  4. Rotate what the node could read: kubelet credentials, service account tokens of its pods, registry and cloud keys.
  5. Forbid it for the future: no privileged pods, no hostPID and no hostPath `/` (Pod Security Standards), no Docker
     socket in containers.
---
WITH word(shell) AS (
  SELECT '(\S*/)?(ba|da|z|k|a)?sh( -[il]+| --login)*$'
),
way(entered, mounted, written, tool, shell, host_root) AS (
  SELECT
    -- The namespaces of process 1 with a shell, or with nothing, which means a shell. Agents on nodes run single commands
    -- this way.
    '^(\S*/)?nsenter (.* )?((-t ?|--target[= ])1|(-m|--mount=)\S*/proc/1/ns/mnt)( -\S+)*($| ' || shell || ')',
    -- The host's root, unless it is read-only.
    '^(\S*/)?(docker|podman|nerdctl|ctr) (.* )?(run|create) (.* )?'
    || '((-v|--volume)[= ]/:/[^\s:,]*(:(rw|z|Z|r?shared|r?slave))?\s'
    || '|--mount[= ](type=bind,)?(src|source)=/,(dst|target|destination)=[^\s,]+(,options=rbind:rw)?\s)',
    -- What the kernel starts by itself, it starts on the host.
    '(>|\btee( -a)?) *\S*/(release_agent|uevent_helper)\b|\|/\S.*(>|\btee) */proc/sys/kernel/core_pattern',
    '^(\S*/)?((ba|da)?sh (\S*/)?)?(deepce|amicontained|peirates|botb|kdigger|cdk (eva|evaluate|run))([.]sh)?(\s|$)',
    '^-?' || shell,
    '^(/mnt)?/(host|hostfs|host-?root|rootfs|node)$'
  FROM word
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  command_line,
  root_directory,
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
  command_line REGEXP (SELECT entered FROM way)
  OR command_line REGEXP (SELECT mounted FROM way)
  OR command_line REGEXP (SELECT tool FROM way)
  OR (
    (name REGEXP '^(ba|da|z|k|a)?sh$' OR basename(executable_path) REGEXP '^(ba|da|z|k|a)?sh$')
    AND command_line REGEXP (SELECT written FROM way)
  )
  -- chroot leaves no trace but the root itself.
  OR (
    container_id IS NOT NULL
    AND root_directory REGEXP (SELECT host_root FROM way)
    AND command_line REGEXP (SELECT shell FROM way)
  )
