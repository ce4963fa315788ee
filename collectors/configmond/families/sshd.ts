import { own } from "../../core/own.ts";
import type { Host } from "../../regmond/host.ts";
import { createInclusion, expandFiles, linesOf } from "../files.ts";
import type { Family, Note, Setting } from "../setting.ts";

/** Where sshd(8) looks for its settings. */
const MAIN = "/etc/ssh/sshd_config";
/** Levels of Include that sshd allows. */
const DEPTH = 16;

/** Settings of which every line counts, not the first alone (sshd_config(5)). */
const LISTS = new Set(
  "AcceptEnv AllowGroups AllowUsers DenyGroups DenyUsers HostCertificate HostKey ListenAddress LogVerbose Port Subsystem"
    .split(" "),
);

/** The settings of sshd_config(5) as it writes them; files may write them in any case. */
const KEYWORDS = new Map(
  `AcceptEnv AddressFamily AllowAgentForwarding AllowGroups AllowStreamLocalForwarding AllowTcpForwarding AllowUsers
  AuthenticationMethods AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile AuthorizedPrincipalsCommand
  AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms ChannelTimeout ChrootDirectory
  Ciphers ClientAliveCountMax ClientAliveInterval Compression DenyGroups DenyUsers DisableForwarding ExposeAuthInfo
  FingerprintHash ForceCommand GatewayPorts GSSAPIAuthentication GSSAPICleanupCredentials GSSAPIStrictAcceptorCheck
  HostbasedAcceptedAlgorithms HostbasedAuthentication HostbasedUsesNameFromPacketOnly HostCertificate HostKey
  HostKeyAgent HostKeyAlgorithms IgnoreRhosts IgnoreUserKnownHosts Include IPQoS KbdInteractiveAuthentication
  KerberosAuthentication KerberosGetAFSToken KerberosOrLocalPasswd KerberosTicketCleanup KexAlgorithms ListenAddress
  LoginGraceTime LogLevel LogVerbose MACs Match MaxAuthTries MaxSessions MaxStartups ModuliFile PasswordAuthentication
  PermitEmptyPasswords PermitListen PermitOpen PermitRootLogin PermitTTY PermitTunnel PermitUserEnvironment PermitUserRC
  PerSourceMaxStartups PerSourceNetBlockSize PerSourcePenalties PidFile Port PrintLastLog PrintMotd
  PubkeyAcceptedAlgorithms PubkeyAuthOptions PubkeyAuthentication RekeyLimit RequiredRSASize RevokedKeys RDomain
  SecurityKeyProvider SetEnv StreamLocalBindMask StreamLocalBindUnlink StrictModes Subsystem SyslogFacility TCPKeepAlive
  TrustedUserCAKeys UnusedConnectionTimeout UseDNS UsePAM VersionAddendum X11DisplayOffset X11Forwarding X11UseLocalhost
  XAuthLocation`.trim().split(/\s+/).map((name) => [name.toLowerCase(), name]),
);

/** Older names of settings (`keywords` in servconf.c of OpenSSH). */
const RENAMED: Readonly<Record<string, string>> = {
  challengeresponseauthentication: "KbdInteractiveAuthentication",
  skeyauthentication: "KbdInteractiveAuthentication",
  dsaauthentication: "PubkeyAuthentication",
  pubkeyacceptedkeytypes: "PubkeyAcceptedAlgorithms",
  hostbasedacceptedkeytypes: "HostbasedAcceptedAlgorithms",
  keepalive: "TCPKeepAlive",
};

/** Words of a line: quotes hold them together, `#` before one ends the line. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, quoted, single, plain] of text.matchAll(/"([^"]*)"?|'([^']*)'?|(\S+)/g)) {
    if (plain?.startsWith("#")) break;
    words.push(quoted ?? single ?? plain!);
  }
  return words;
}

/**
 * The settings of sshd_config(5). Of a setting that comes again only the first counts, within `Match` and outside of it;
 * what an included file sets counts where it is included.
 */
export function* readSshd(host: Host, note: Note, main = MAIN): Generator<Setting> {
  const set = new Set<string>();
  const inclusion = createInclusion(DEPTH, note);

  function* read(path: string, scope: string): Generator<Setting> {
    // A file that is included gives its `Match` back where it ends.
    let match = scope;
    for (const { text, number } of linesOf(host.text(path))) {
      const [, written, rest = ""] = /^"?([A-Za-z0-9]+)"?(?:\s*=\s*|\s+)(.*)$/.exec(text) ?? [];
      if (written === undefined) continue;
      const lower = written.toLowerCase();
      const key = own(RENAMED, lower) ?? KEYWORDS.get(lower) ?? written;
      const words = wordsOf(rest);
      if (key === "Match") {
        const criteria = words.join(" ");
        match = scope === "" ? criteria : `${scope} ${criteria}`;
        continue;
      }
      if (key === "Include") {
        for (const pattern of words) {
          const absolute = pattern.startsWith("/") ? pattern : `/etc/ssh/${pattern}`;
          for (const file of expandFiles(host, absolute, note)) {
            yield* inclusion.within(file, () => read(file, match));
          }
        }
        continue;
      }
      const name = match === "" ? key : `Match ${match}: ${key}`;
      const isNew = LISTS.has(key) || !set.has(name);
      set.add(name);
      yield {
        path,
        line: number,
        name,
        key,
        value: words.join(" "),
        ...(!isNew && { overridden: true }),
      };
    }
  }
  yield* inclusion.within(main, () => read(main, ""));
}

/** Settings of sshd(8). */
export const sshd: Family = {
  name: "sshd",
  categories: ["authentication"],
  places: ["/etc/ssh/sshd_config"],
  includes: true,
  read: readSshd,
};
