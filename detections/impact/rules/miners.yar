/* What programs that mine a currency for others say to their pool (the Stratum protocol), and what XMRig says of itself. */

rule stratum_client {
  meta:
    category = "miner"
    severity = "high"
    reference = "https://en.bitcoin.it/wiki/Stratum_mining_protocol"
  strings:
    $scheme_tcp = "stratum+tcp://" ascii
    $scheme_tls = "stratum+ssl://" ascii
    $subscribe = "mining.subscribe" ascii
    $authorize = "mining.authorize" ascii
    $submit = "mining.submit" ascii
  condition:
    uint32(0) == 0x464c457f and any of ($scheme_*) and 2 of ($subscribe, $authorize, $submit)
}

rule xmrig {
  meta:
    category = "miner"
    severity = "high"
    reference = "https://github.com/xmrig/xmrig"
  strings:
    $donate = "donate-level" ascii
    $algorithm = "randomx" ascii nocase
    $keep_alive = "keepalived" ascii
    $rig = "rig-id" ascii
  condition:
    uint32(0) == 0x464c457f and all of them
}
