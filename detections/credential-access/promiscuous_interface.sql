---
id: 6d962718-cd0b-4f47-a4ca-e7b68967117e
title: Network interface that listens to everybody's traffic
description: >-
  A network interface is in promiscuous mode: it takes packets that are meant for others. Sniffers switch that on, to
  read passwords and sessions of other hosts. Bridges and what belongs to a bridge or a bond are so by their nature and
  are left out.
status: stable
severity: medium
author: [DaemonEye]
date: 2026-11-22
references:
  - https://attack.mitre.org/techniques/T1040/
  - https://man7.org/linux/man-pages/man7/packet.7.html
  - https://www.kernel.org/doc/html/latest/networking/netdevices.html
tags: [attack.credential-access, attack.discovery, attack.t1040]
platforms: [linux]
falsepositives:
  - Administrators with tcpdump or Wireshark
  - Network sensors (Zeek, Suricata, ntop), whose purpose it is
  - Hypervisors and container networks that put a physical interface into promiscuous mode (macvlan, MetalLB, Open vSwitch)
suppression: { by: [interface_name, namespace_id], for: 6h }
alert:
  title: "{{interface_name}} is in promiscuous mode"
  entity: [interface_name, namespace_id]
  context: [interface_type, mac_address, ip_networks]
runbook: |
  1. Who listens? `ss -0 -p` (packet sockets) and `ip -d link show` (promiscuity counts the listeners). A sniffer that hides
     from these is worse news than one that does not.
  2. Ask who is debugging the network. If nobody is, look at the process, its parent, and files that it writes: captures
     end in .pcap and grow.
  3. Passwords that went over this network in clear text since then are known. Rotate them.
---
SELECT
  interface_name,
  interface_type,
  namespace_id,
  container_id,
  mac_address,
  ip_networks,
  status
FROM network_interfaces
WHERE
  promiscuous
  AND status <> 'down'
  -- Ports of bridges and bonds are promiscuous so that their master can forward, and some container networks make the
  -- bridge so, too.
  AND platform_data ->> 'master' IS NULL
  AND interface_type IS NOT 'bridge'
