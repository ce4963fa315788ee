import { assertEquals } from "@std/assert";
import { readModules } from "../../../collectors/regmond/modules.ts";
import { makeHost, rowsOf } from "./support.ts";

Deno.test("readModules() reads loaded modules, those hidden from the list, too", async () => {
  await using made = await makeHost({
    "proc/modules":
      "nf_nat 57344 1 xt_MASQUERADE,[permanent], Live 0x0000000000000000\nrootkit 16384 0 - Unloading 0x0 (OE)\nbroken\n",
    "proc/sys/kernel/osrelease": "6.1.0-test\n",
    "lib/modules/6.1.0-test/modules.dep":
      "kernel/net/netfilter/nf-nat.ko.xz: kernel/x.ko\nextra/rootkit.ko:\n",
    "sys/module/nf_nat/taint": "\n",
    "sys/module/nf_nat/initstate": "live\n",
    "sys/module/rootkit/taint": "OE\n",
    "sys/module/hidden/initstate": "live\n",
    "sys/module/hidden/coresize": "4096\n",
    "sys/module/hidden/taint": "OE\n",
    "sys/module/builtin/parameters/x": "1\n",
  });
  const rows = rowsOf(readModules(made.host, new Set(["file_path"])));
  assertEquals(
    rows.map(({ name, size, state, used_by, file_path, out_of_tree, unsigned }) => [
      name,
      size,
      state,
      used_by,
      file_path,
      out_of_tree,
      unsigned,
    ]),
    [
      [
        "nf_nat",
        57344,
        "live",
        '["xt_MASQUERADE"]',
        "/lib/modules/6.1.0-test/kernel/net/netfilter/nf-nat.ko.xz",
        false,
        false,
      ],
      ["rootkit", 16384, "unloading", "[]", "/lib/modules/6.1.0-test/extra/rootkit.ko", true, true],
      ["hidden", 4096, "live", null, null, true, true],
    ],
  );
});
