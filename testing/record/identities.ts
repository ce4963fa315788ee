/**
 * Accounts that come with systems, images and packages. They name nobody, and detections ask for them, so they keep
 * their names.
 */
const SYSTEM_ACCOUNTS: ReadonlySet<string> = new Set(
  ("root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody _apt systemd " +
    "systemd-network systemd-resolve systemd-timesync systemd-coredump systemd-oom systemd-bus-proxy messagebus dbus " +
    "sshd syslog uuidd tcpdump tss landscape pollinate fwupd-refresh usbmux rtkit avahi avahi-autoipd cups-pk-helper " +
    "polkitd polkit geoclue colord saned gdm lightdm sddm pulse pipewire speech-dispatcher kernoops whoopsie hplip " +
    "gnome-initial-setup gnome-remote-desktop dnsmasq unbound bind named ntp ntpsec _chrony chrony postfix postdrop " +
    "exim debian-exim dovecot dovenull opendkim clamav amavis spamd rspamd postgres postgresql mysql mariadb redis " +
    "_redis valkey mongodb mongod memcache memcached nginx apache httpd http caddy haproxy varnish vcache squid php-fpm " +
    "tomcat jetty elasticsearch opensearch kibana logstash rabbitmq kafka zookeeper cassandra influxdb clickhouse " +
    "prometheus node-exporter node_exporter grafana loki zabbix nagios icinga munin collectd telegraf consul vault " +
    "nomad etcd docker containerd dockremap rootless buildkit kube kubelet libvirt libvirt-qemu qemu kvm lxd lxc podman " +
    "git gitlab-runner gitlab-www gitea forgejo jenkins buildbot svn hg sbuild build builder runner ci sandbox fakeroot " +
    "_rpc statd rpc rpcuser nfsnobody ftp vsftpd proftpd tftp oprofile abrt setroubleshoot cockpit-ws cockpit-wsinstance " +
    "sssd nslcd chef puppet salt ansible oneadmin splunk wazuh ossec falco crowdstrike auditd stunnel4 openvpn nm-openvpn " +
    "strongswan wireguard tor debian-tor i2p admin administrator adm operator halt shutdown wheel staff users user " +
    "guest test tester dev developer demo default public shared ubuntu debian fedora centos rocky almalinux alpine arch " +
    "opensuse kali pi vagrant ec2-user cloud-user core azureuser app application web www service worker node python " +
    "deno bun ruby rails django flask java go rust linuxbrew linuxbrew-user coder vscode codespace gitpod jovyan nixbld " +
    "all-users all_users defaultuser0 system localservice networkservice local_service _www _mysql _postgres _spotlight " +
    "_windowserver _mdnsresponder _coreaudiod _locationd _hidd _softwareupdate _securityagent _usbmuxd _networkd " +
    "nonexistent none null unknown noreply no-reply postmaster webmaster hostmaster abuse info support sales contact me oauth2 x-access-token x-token-auth _token token")
    .split(" "),
);

/** Names that no one host has alone, and public hosts that detections know by name. */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set(
  ("debian ubuntu fedora centos rocky alpine arch linux server desktop laptop vm build builder runner docker podman " +
    "node master worker gateway router proxy cache queue database db postgres mysql mongo redis web app api frontend " +
    "backend localhost localhost.localdomain localdomain local broadcasthost ip6-localhost ip6-loopback host none null " +
    "host.docker.internal gateway.docker.internal kubernetes.default.svc.cluster.local metadata.google.internal " +
    "example.com www.example.com example.org example.net github.com api.github.com gist.github.com " +
    "raw.githubusercontent.com gist.githubusercontent.com objects.githubusercontent.com gitlab.com bitbucket.org " +
    "pastebin.com paste.ee hastebin.com ix.io 0x0.st termbin.com ngrok.com ngrok.io webhook.site pipedream.net " +
    "file.io anonfiles.com gofile.io mega.nz dropbox.com drive.google.com docs.google.com api.telegram.org " +
    "discord.com discordapp.com hooks.slack.com deb.debian.org security.debian.org archive.ubuntu.com " +
    "security.ubuntu.com ports.ubuntu.com mirrors.kernel.org dl.fedoraproject.org mirror.centos.org " +
    "dl-cdn.alpinelinux.org registry.npmjs.org npmjs.com registry.yarnpkg.com pypi.org files.pythonhosted.org " +
    "rubygems.org crates.io static.crates.io index.crates.io proxy.golang.org sum.golang.org golang.org go.dev " +
    "deno.land deno.com jsr.io npm.jsr.io registry-1.docker.io docker.io docker.com quay.io ghcr.io gcr.io " +
    "registry.k8s.io repo1.maven.org repo.maven.apache.org get.docker.com sh.rustup.rs get.k3s.io " +
    "checkip.amazonaws.com ifconfig.me ifconfig.co icanhazip.com ipinfo.io api.ipify.org ip-api.com")
    .split(" "),
);

/** Whether a user name names nobody. */
export function isSystemAccount(name: string): boolean {
  return SYSTEM_ACCOUNTS.has(name.toLowerCase()) || /^(?:u|uid|gid)?\d+$/.test(name);
}

/** Whether a host name names nobody's host. */
export function isPublicHost(name: string): boolean {
  return PUBLIC_HOSTS.has(name.toLowerCase().replace(/\.$/, "")) ||
    /(?:^|\.)(?:example|invalid|arpa|onion)$/i.test(name);
}

const LABELS = String.raw`(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,8}`;

/** Endings that are hardly ever anything but a domain. */
const DOMAINS =
  "com|net|org|edu|gov|mil|int|io|biz|de|uk|fr|nl|eu|ch|se|dk|fi|es|it|be|cz|jp|cn|kr|br|au|nz|ca|us|ru|ua|tr|ie|pt" +
  "|gr|hu|ro|il|za|mx|ar|cl|sg|hk|tw|xyz|online|site|tech|store|shop|top|club";

/** Endings that in a path are more often those of a file or folder. */
const LOCAL_DOMAINS =
  "internal|local|localdomain|lan|corp|home|intra|intranet|private|test|dev|app|cloud|ai|co|info|me|at|in|no|nu";

/** Full names of hosts. */
export const HOST_NAME = new RegExp(
  String.raw`(?<![\w.-])${LABELS}(?:${DOMAINS})\.?(?![\w-]|\.\w)` +
    String.raw`|(?<![\w.-]|(?<!\/)\/)${LABELS}(?:${LOCAL_DOMAINS})(?![\w-]|\.\w|\(|\/Contents)`,
  "gi",
);

/** Endings of systemd's units, whose instances look like addresses of mail. */
const UNITS =
  "service|socket|slice|scope|mount|automount|timer|target|path|device|swap|conf|d|so|js|ts|py|rb|sh";

/** Addresses of mail, and of accounts on hosts with full names. */
export const MAIL_ADDRESS = new RegExp(
  String
    .raw`(?<![\w.+-])(?<user>[A-Za-z0-9][\w.+-]{0,63})@(?<host>${LABELS}(?!(?:${UNITS})(?![\w-]))[A-Za-z]{2,24})(?![\w-]|\.\w)`,
  "g",
);

/** Home folders on Linux, macOS and Windows. */
export const HOME_FOLDER =
  /(?<before>(?:\/home|\/Users|\/var\/home|\/export\/home)\/)(?<user>[^\/\\\s"':;,<>|*?()[\]{}$]+)|(?<drive>\b[A-Za-z]:\\{1,2}Users\\{1,2})(?<name>[^\\\/"':;,<>|*?\r\n]+(?=[\\\/])|[^\\\/\s"':;,<>|*?]+)/g;

/** What sshd calls the process of a session. */
export const SSH_SESSION = /(?<before>^sshd(?:-session)?: )(?<user>[\w.-]+)(?= \[|@|$)/g;

/** Scheme, user, password, host of an address. */
export const URL_AUTHORITY =
  /(?<scheme>(?<![\w+.-])[A-Za-z][\w+.-]{0,30}:\/\/)(?:(?<user>[^\s:@\/"'<>]*)(?::(?<password>[^\s\/"'<>]*))?@)?(?<host>[A-Za-z][\w.-]*)?/g;

/** Variables that hold the name of a user, or of a host. */
export const USER_VARIABLE = /(?:^|_|^PG)(?:USER|USERNAME|LOGNAME|MAILTO)$/i;
export const HOST_VARIABLE = /(?:^|_|^PG)(?:HOST|HOSTNAME|COMPUTERNAME|USERDOMAIN)$/i;

/** Columns that hold the name of a user, or of a host. */
export const USER_COLUMN = /(?:^|_)(?:user|username|user_name|owner|login|account)(?:_name)?$/;
export const PERSON_COLUMN = /^(?:full_name|real_name|gecos)$/;
export const HOST_COLUMN = /(?:^|_)(?:host|hostname|domain)(?:_name)?$/;
