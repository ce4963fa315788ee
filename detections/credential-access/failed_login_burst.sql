---
id: 8e5f7a61-0c9b-4d83-9f2e-6b1d0a4c7e35
title: Many failed logins from one address
description: >-
  More than twenty logins from one address failed within ten minutes: somebody is guessing passwords.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1110/
  - https://man7.org/linux/man-pages/man1/lastb.1.html
tags: [attack.credential-access, attack.t1110]
platforms: [linux]
falsepositives:
  - A program or a person with an old password, which tries again and again
  - Vulnerability scanners of your own
  - Any host whose SSH is open to the whole internet; see the runbook
suppression: { by: [remote_address], for: 6h }
alert:
  title: "{{attempts}} failed logins from {{remote_address}}"
  entity: [remote_address]
  context: [attempts, names, last_time]
runbook: |
  1. Did one of them succeed? `last -i | grep ADDRESS`. If so treat the account as taken.
  2. Names that exist here tell that somebody knows the host; lists of common names are noise of the internet.
  3. Keys instead of passwords, fail2ban, or a firewall end it for good.
---
SELECT
  coalesce(remote_address, remote_host) AS remote_address,
  count(*) AS attempts,
  count(DISTINCT user_name) AS names,
  max(login_time) AS last_time
FROM logins
WHERE login_type = 'failed'
  AND login_time > :now - 600000
  AND (remote_address IS NOT NULL OR remote_host IS NOT NULL)
GROUP BY coalesce(remote_address, remote_host)
HAVING count(*) > 20
