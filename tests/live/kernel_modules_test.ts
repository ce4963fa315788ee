import { assert, assertEquals } from "@std/assert";
import { openSignatures } from "../../collectors/binmond/code_signing.ts";
import { openTargets } from "../../collectors/binmond/targets.ts";
import { openHost } from "../../collectors/regmond/host.ts";
import { readModules } from "../../collectors/regmond/modules.ts";
import { loadDetections } from "../../compiler/files.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { craftElf } from "../collectors/binmond/crafted.ts";
import { INFO, makeHost } from "../collectors/packages/host.ts";
import { withEngine } from "../engine/support.ts";
import { collectorsOf, type HostRow, scanHost } from "../engine/triggers/support.ts";
import { filesOf } from "./alerts.ts";

const RELEASE = "6.1.0-18-amd64";
const FOLDER = `/lib/modules/${RELEASE}`;

/** Lines as Linux 6 writes them (proc_modules(5)): signed ones, vendors' ones, one that cannot be unloaded, planted ones. */
const LISTED = `ext4 1200128 1 - Live 0x0000000000000000
ipv6 450560 32 [permanent], Live 0x0000000000000000
nvidia 56823808 2 nvidia_uvm,nvidia_modeset, Live 0x0000000000000000 (PO)
vboxdrv 696320 2 vboxnetadp,vboxnetflt, Live 0x0000000000000000 (OE)
`;
const PLANTED = `inserted 16384 0 - Live 0x0000000000000000 (OE)
installed 16384 0 - Live 0x0000000000000000 (OE)
`;

/** What `/sys/module/<name>/` says of a module. */
const shown = (name: string, taint: string) => ({
  [`/sys/module/${name}/initstate`]: "live\n",
  [`/sys/module/${name}/coresize`]: "16384\n",
  [`/sys/module/${name}/taint`]: `${taint}\n`,
});

/** A host of Debian with its modules, and the modules that somebody has planted or not. */
function hostWith(planted: boolean) {
  const path = (name: string) => `${FOLDER}/kernel/${name}.ko`;
  return makeHost({
    "/proc/modules": LISTED + (planted ? PLANTED : ""),
    "/proc/sys/kernel/osrelease": `${RELEASE}\n`,
    [`${FOLDER}/modules.dep`]: [
      "kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko",
      "kernel/net/ipv6/ipv6.ko:",
      "updates/dkms/nvidia.ko:",
      "updates/dkms/vboxdrv.ko:",
      ...planted ? ["kernel/drivers/net/installed.ko:"] : [],
    ].join("\n"),
    [path("fs/ext4/ext4")]: craftElf(),
    [path("net/ipv6/ipv6")]: craftElf(),
    [`${FOLDER}/updates/dkms/nvidia.ko`]: craftElf(),
    [`${FOLDER}/updates/dkms/vboxdrv.ko`]: craftElf(),
    [`${INFO}/linux-image-${RELEASE}.list`]: `${path("fs/ext4/ext4")}\n${path("net/ipv6/ipv6")}\n`,
    "/var/lib/dpkg/status": "",
    ...shown("ext4", ""),
    ...shown("ipv6", ""),
    ...shown("nvidia", "PO"),
    ...shown("vboxdrv", "OE"),
    ...planted && {
      [path("drivers/net/installed")]: craftElf(),
      ...shown("installed", "OE"),
      ...shown("inserted", "OE"),
      // It has taken itself out of the list, and forgot where else it stands.
      ...shown("hidden", "OE"),
    },
  });
}

/** What the collectors read of such a host. */
function rowsOf(planted: boolean) {
  using host = hostWith(planted);
  const { root } = host;
  const wanted = new Set(["file_path"]);
  const modules = [...readModules(openHost(root, `${root}/proc`, `${root}/sys`), wanted)]
    .map(({ row }) => row as HostRow);
  const paths = modules.flatMap(({ file_path }) => typeof file_path === "string" ? file_path : []);
  using signatures = openSignatures(root);
  const context = { procRoot: "/proc", filesRoot: root, deadline: Infinity };
  const signing: HostRow[] = [];
  for (const target of openTargets({ column: "file_path", values: paths }, context)) {
    signing.push(signatures.describe(target, ["file_path", "package_owned"]).row as HostRow);
  }
  return { kernel_modules: modules, code_signing: signing };
}

// No module can be loaded where this is tested, so the host is made of the files that Linux shows.
Deno.test("detections of kernel modules fire on the planted ones, and on no other", async () => {
  const files = filesOf([
    "defense-evasion/kernel_module_without_file",
    "defense-evasion/unowned_kernel_module",
    "defense-evasion/unsigned_kernel_module",
  ]);
  const detections = (await loadDetections(files, CATALOGUE)).map(({ compiled }) => {
    assert(compiled);
    return compiled;
  });
  await withEngine(async (store, sandbox) => {
    const fired = async (planted: boolean) => {
      const { alerts, summary } = await scanHost(
        store,
        sandbox,
        collectorsOf(rowsOf(planted)),
        detections,
      );
      assertEquals([summary.not_evaluated, summary.partial], [[], []]);
      return alerts.map(({ rule_id, alert_data }) => {
        const rule = detections.find(({ detection }) => detection.meta.id === rule_id)!;
        return `${rule.detection.name} ${alert_data.name}`;
      }).sort();
    };
    assertEquals(await fired(false), []);
    assertEquals(await fired(true), [
      "kernel_module_without_file hidden",
      "kernel_module_without_file inserted",
      "unowned_kernel_module installed",
      "unsigned_kernel_module hidden",
      "unsigned_kernel_module inserted",
      "unsigned_kernel_module installed",
    ]);
  });
});
