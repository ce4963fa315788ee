/* Tools by which others command a host, by what their programs cannot do without. */

rule sliver_implant {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/BishopFox/sliver"
  strings:
    $package = "bishopfox/sliver/" ascii
    $protocol = "sliverpb." ascii
  condition:
    uint32(0) == 0x464c457f and any of them
}

rule merlin_agent {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/Ne0nd0g/merlin-agent"
  strings:
    $package = "Ne0nd0g/merlin-agent" ascii
  condition:
    uint32(0) == 0x464c457f and $package
}

rule mettle {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/rapid7/mettle"
  strings:
    $name = "mettlesploit" ascii
  condition:
    uint32(0) == 0x464c457f and $name
}

rule mirai_like_bot {
  meta:
    category = "bot"
    severity = "high"
    reference = "https://github.com/jgamblin/Mirai-Source-Code"
  strings:
    $watchdog = "/dev/misc/watchdog" ascii
    $scanner = "/bin/busybox" ascii
    $kill_by_link = "/proc/self/exe" ascii
    $telnet = "enable" ascii fullword
    $shell = "tftp -" ascii
  condition:
    uint32(0) == 0x464c457f and filesize < 1MB and all of them
}
