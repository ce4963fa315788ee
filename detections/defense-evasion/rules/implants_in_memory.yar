/*
 * Tools by which others command a host, by what stands in the memory of a process that runs them. Pages of memory are no
 * file: conditions go by strings alone, and ask for several, because a program may have one of them by chance.
 */

rule sliver_implant {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/BishopFox/sliver"
  strings:
    $package = "bishopfox/sliver/" ascii
    $protocol = "sliverpb." ascii
  condition:
    all of them
}

rule merlin_agent {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/Ne0nd0g/merlin-agent"
  strings:
    $package = "Ne0nd0g/merlin-agent" ascii
  condition:
    #package > 2
}

rule python_meterpreter {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/rapid7/metasploit-payloads/tree/master/python"
  strings:
    $class = "PythonMeterpreter" ascii
    $packet = "tlv_pack_request" ascii
    $get = "packet_get_tlv" ascii
    $url = "HTTP_CONNECTION_URL" ascii
  condition:
    2 of them
}

rule pupy_payload {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/n1nj4sec/pupy"
  strings:
    $importer = "pupyimporter" ascii
    $transports = "network.lib.transports" ascii
    $credentials = "pupy_credentials" ascii
  condition:
    2 of them
}

rule empire_python_agent {
  meta:
    category = "implant"
    severity = "critical"
    reference = "https://github.com/BC-SECURITY/Empire"
  strings:
    $build = "build_routing_packet" ascii
    $parse = "parse_routing_packet" ascii
    $encrypt = "aes_encrypt_then_hmac" ascii
    $limit = "lostLimit" ascii
  condition:
    3 of them
}

rule irc_bot {
  meta:
    category = "bot"
    severity = "high"
    reference = "https://attack.mitre.org/techniques/T1071/"
  strings:
    $message = "PRIVMSG" ascii
    $udp = "udpflood" ascii nocase
    $tcp = "tcpflood" ascii nocase
    $http = "httpflood" ascii nocase
    $scan = "portscan" ascii nocase
  condition:
    $message and 2 of ($udp, $tcp, $http, $scan)
}
