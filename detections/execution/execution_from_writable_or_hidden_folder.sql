---
id: 758abdcd-6a7d-492b-b444-131655b8db2b
title: Program run from a world-writable or hidden folder
description: >-
  A process runs a program that lies where every user may write (/tmp, /var/tmp, /dev/shm and the like) or below a name
  that begins with a dot. Both are where intruders put their tools, because anybody can write there and nobody looks.
  The folders in which developers' tools keep programs are left out, but only for ordinary users: root and service
  users have no business there.
status: stable
severity: high
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1564/001/
  - https://attack.mitre.org/techniques/T1036/005/
  - https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html
  - https://systemd.io/UIDS-GIDS/
tags: [attack.execution, attack.defense-evasion, attack.t1564.001, attack.t1036.005]
platforms: [linux]
falsepositives:
  - Build and test hosts where compilers, test runners and language tools run as root or as a service user
  - Programs that unpack themselves into /tmp, such as AppImages (`/tmp/.mount_…`), PyInstaller programs (`/tmp/_MEI…`)
    and vendors' installers
  - Node services deployed with pnpm (`node_modules/.pnpm`) or Python ones in a `.venv` that run helpers as a service user
  - Homes outside /home, in which the developers' folders are not recognized
suppression: { by: [process_key], for: 1h }
alert:
  title: "{{name}} (pid {{pid}}) of {{user_name}} runs from {{executable_path}}"
  entity: [process_key]
  context: [command_line, parent_process, parent_command_line, executable_hash]
runbook: |
  1. Read the path and the owner. A root or service user (www-data, postgres, …) running something from `/tmp`,
     `/dev/shm` or a dot folder is an intrusion until shown otherwise; a developer's own build there is not.
  2. Copy the program (`cp /proc/PID/exe evidence`) and look its `executable_hash` up. `file` and `strings` tell
     miners, tunnels and scanners apart quickly.
  3. Look around: `ls -lat` of the folder, what else the same user started since `start_time`, the parent's command line.
     A web server or a database as an ancestor points to the way in.
  4. If it is hostile: stop it, keep the folder as evidence, search for cron entries, systemd units and
     `authorized_keys` of the same age, and mount `/tmp`, `/var/tmp` and `/dev/shm` with `noexec` where services allow.
  5. If it is a tool that belongs there, add an exception for its exact path and user, not for the whole folder.
---
WITH developers_tool(pattern) AS (
  -- Where tools keep programs in a home. None may lie below a further dot folder: that is not the tools' doing.
  SELECT
    '^(/var)?/home(/[^/.][^/]*)+/('
    -- Languages and their package managers.
    || '[.](cargo/bin|rustup/toolchains|nvm/versions|npm|npm-global|volta|fnm|bun/bin|deno/bin|pyenv/versions'
    || '|rbenv/versions|rvm|asdf/installs|sdkman/candidates|jdks|gradle|m2|dotnet|nuget|goenv/versions|ghcup|opam'
    || '|elan|juliaup|conda|local/bin|local/lib|local/pipx|local/share/(pnpm|uv|pipx|mise|fnm|virtualenvs)'
    -- Editors, and programs that keep themselves up to date.
    || '|vscode|vscode-server|cursor|cursor-server|steam|linuxbrew|docker/cli-plugins|krew'
    || '|local/share/(nvim|JetBrains|Steam|claude|flatpak)'
    -- Caches that tools run programs from. Not the whole of ~/.cache: intruders like it.
    || '|cache/(bazel|bazelisk|go-build|pre-commit|ms-playwright|puppeteer|Cypress|electron|node|uv|pypoetry'
    || '|JetBrains|deno)'
    -- Inside a project.
    || '|venv|tox|nox|libs|build|stack-work|terraform/providers)'
    || '|node_modules/[.](pnpm|prisma|cache)'
    || ')(/[^/.][^/]*)+$'
)
SELECT
  pid,
  process_key,
  name,
  executable_path,
  executable_hash,
  command_line,
  user_id,
  effective_user_id,
  user_name,
  ppid,
  parent_process,
  parent_command_line,
  working_directory,
  container_id,
  start_time
FROM processes
WHERE (
    -- Folders that every user, or every program of a logged-in user, may write to.
    executable_path REGEXP '^/(tmp|var/tmp|dev/shm|run/shm|dev/mqueue|run/lock|var/lock|var/crash|run/user/[0-9]+)/'
    -- A folder or a file whose name begins with a dot, at any depth.
    OR executable_path GLOB '*/.*'
  )
  AND (
    -- People have user ids from 1000, but not the last 16-bit ones, which are systemd's dynamic service users and
    -- nobody. A set-user-id program runs as somebody else than who started it, and is no developer's tool.
    user_id >= 1000
    AND user_id NOT BETWEEN 61184 AND 65534
    AND effective_user_id = user_id
    AND (
      executable_path REGEXP (SELECT pattern FROM developers_tool)
      -- `go run` and `go test` build a program there and start it themselves.
      OR (
        executable_path REGEXP '^/tmp/go-build[0-9]+/b[0-9]+/(exe/)?[^/.][^/]*$'
        AND parent_process = 'go'
      )
    )
  ) IS NOT TRUE
  -- On NixOS and Guix every wrapped program is a dot file in the read-only store.
  AND (executable_path REGEXP '^/(nix|gnu)/store/') IS NOT TRUE
  -- `npx deno` as root keeps Deno there, and with it this toolkit when it is started so.
  AND (executable_path REGEXP '^/root/[.]npm/_npx/[0-9a-f]+/node_modules/(@deno/[^/.]+|deno)/deno$') IS NOT TRUE
