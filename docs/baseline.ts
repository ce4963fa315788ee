/**
 * Writes `docs/baseline.md`: what settings are compared with. With `--check` it writes nothing and exits with 1 where the
 * page is stale.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { BASELINE, recommendedInWords } from "../collectors/configmond/baseline.ts";

/** Where the page lies. */
export const BASELINE_PAGE: string = fromFileUrl(new URL("./baseline.md", import.meta.url));

/** The page. */
export function baselinePage(): string {
  const families = Map.groupBy(BASELINE, ({ family }) => family);
  const sections = [...families].map(([family, recommendations]) => {
    const rows = recommendations.map(({ id, setting, recommended, byDefault, impact, reason }) =>
      `| \`${id}\` | \`${setting}\` | ${recommendedInWords(recommended)} | ${
        byDefault === undefined ? "–" : `\`${byDefault}\``
      } | ${impact} | ${reason} |`
    );
    return `## ${family}\n\n| Policy | Setting | Recommended | Where nothing sets it | Impact | Why |\n| --- | --- | --- | --- | --- | --- |\n${
      rows.join("\n")
    }\n`;
  });
  return `${INTRODUCTION}\n${sections.join("\n")}\n${OTHERS}`;
}

const INTRODUCTION = `# Baseline

What \`compliance_status\` of \`system_configuration\` and \`security_policies\` compares settings with. It holds what most
hosts can set without losing anything; it is no benchmark of CIS or DISA. A setting that is not listed here is neither
\`compliant\` nor \`non_compliant\`: it is \`unknown\`. So is one that another line overrides.

In \`security_policies\` the value that is in force counts: of the running kernel for its parameters, else of the line that
counts, else the default of the program, which the column "Where nothing sets it" has. Policies of programs that are not
installed have no row.

Changes of these settings have the impact that is named here as \`impact_level\` in \`configuration_changes\`.
`;

const OTHERS = `## Other policies

| Policy | Compliant |
| --- | --- |
| \`mac.selinux\` | SELinux enforces |
| \`mac.apparmor\`, \`mac.apparmor.<profile>\` | at least one profile is enforced; this one is |
| \`kernel.lockdown\` | \`integrity\` or \`confidentiality\` |
| \`boot.secure_boot\` | on; unknown where the firmware has nothing of the kind |
| \`kernel.module_signatures\` | signatures are required, or no module can be loaded |
| \`kernel.core_dumps\` | they go to a program, or are forbidden by \`* hard core 0\` |
| \`audit.rules\` | auditd is installed and its files have rules |
| \`network.firewall\` | never told: rules of nftables take netlink to ask, which this collector does not do |
| \`password.quality\` | a module of PAM checks new passwords for at least 12 characters |
| \`password.lockout\` | a module of PAM closes accounts after failed logins |
`;

if (import.meta.main) {
  const page = baselinePage();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(BASELINE_PAGE, page);
  else if (page !== await Deno.readTextFile(BASELINE_PAGE)) {
    console.error("docs/baseline.md is stale: run `deno task docs`");
    Deno.exit(1);
  }
}
