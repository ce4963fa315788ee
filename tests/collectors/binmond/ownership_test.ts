import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openSignatures } from "../../../collectors/binmond/code_signing.ts";
import { signatureSources } from "../../../collectors/binmond/sources.ts";
import { findOwner, type StandingFile } from "../../../collectors/binmond/ownership.ts";
import { openHostPaths } from "../../../collectors/binmond/paths.ts";
import { openTargets } from "../../../collectors/binmond/targets.ts";
import { INFO, type MadeHost, makeHost } from "../packages/host.ts";
import { canConfine, drain, has, type ReadRow, run, testWith, until } from "../support.ts";
import { code_signing } from "../../../profiles/code_signing.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import { craftElf, craftPe } from "./crafted.ts";
import type { Reading } from "../../../collectors/core/collector.ts";
import { openHere } from "./live.ts";
import { appendSignature, makeSigner } from "./signing.ts";
import { succeeds } from "../netmond/live.ts";

const ALL = Object.keys(signatureSources);

/** What `code_signing` says of files of a made host. */
function describe({ root }: MadeHost, paths: readonly string[], project: readonly string[] = ALL) {
  using signatures = openSignatures(root);
  const context = { procRoot: "/proc", filesRoot: root, deadline: Infinity };
  const keys = { column: "file_path", values: paths };
  const rows: Reading[] = [];
  // Each file is closed when the next one is asked for.
  for (const target of openTargets(keys, context)) rows.push(signatures.describe(target, project));
  return rows;
}

const md5 = (content: string | Uint8Array) => createHash("md5").update(content).digest("hex");

/** A host with a program that is as its package brought it, one that is not, one without digest, and one of nobody's. */
function hostOf(program: Uint8Array = craftElf()): MadeHost {
  return makeHost({
    "/usr/bin/same": program,
    "/usr/bin/changed": program,
    "/usr/bin/unrecorded": program,
    "/usr/bin/planted": program,
    "/bin": { link: "usr/bin" },
    "/etc/alternatives/tool": { link: "/usr/bin/same" },
    "/usr/bin/tool": { link: "/etc/alternatives/tool" },
    [`${INFO}/tools.list`]: "/bin\n/bin/same\n/bin/changed\n/bin/unrecorded\n",
    [`${INFO}/tools.md5sums`]: `${md5(program)}  bin/same\n${md5("else")}  bin/changed\n`,
    "/var/lib/dpkg/status": "",
  });
}

const PATHS = ["same", "changed", "unrecorded", "planted"].map((name) => `/usr/bin/${name}`);

Deno.test("what a package has on record of a file is told, and what that is worth", () => {
  using host = hostOf();
  const rows = describe(host, [...PATHS, "/bin/same", "/usr/bin/tool"]);
  assertEquals(
    rows.map((
      { row },
    ) => [row.package_owned, row.package_name, row.package_intact, row.trust_level]),
    [
      [true, "tools", true, "trusted"],
      [true, "tools", false, "untrusted"],
      [true, "tools", null, "unknown"],
      [false, null, null, "unsigned"],
      [true, "tools", true, "trusted"],
      [true, "tools", true, "trusted"],
    ],
  );
  for (const { gaps, row } of rows) {
    assertEquals(gaps, {});
    assertEquals(Object.keys(row).sort(), [...ALL].sort());
  }
});

Deno.test("without a record of packages it is not known whose a file is", () => {
  using host = hostOf();
  host.remove(`${INFO}/tools.list`);
  const [{ row, gaps }] = describe(host, ["/usr/bin/planted"]) as [Reading];
  assertEquals([row.signed, row.package_owned, row.trust_level], [false, undefined, null]);
  assertEquals(gaps, {
    package_owned: "not_collected",
    package_name: "not_collected",
    package_manager: "not_collected",
    package_intact: "not_collected",
    trust_level: "not_collected",
  });
});

Deno.test("a file is read in full only for whom that matters", () => {
  using host = hostOf();
  const [one] = describe(host, ["/usr/bin/same"], ["package_owned"]);
  assertEquals([one!.row.package_owned, one!.gaps?.package_intact], [true, "not_collected"]);
  assertEquals([one!.row.signed, one!.gaps?.signed], [null, "not_collected"]);
  const [other] = describe(host, ["/usr/bin/same"], ["signed"]);
  assertEquals([other!.row.signed, other!.gaps?.package_owned], [false, "not_collected"]);
});

Deno.test("a file that lost its name is known by its path where it lay on that disk, its contents are not", () => {
  using host = hostOf();
  using records = host.open();
  const paths = openHostPaths(host.root);
  const { dev } = Deno.statSync(host.root);
  const ask = (name: string, device: number, deleted = true) => {
    const bytes = craftElf();
    const file: StandingFile = {
      size: bytes.length,
      device: BigInt(device),
      inode: 0n,
      deleted,
      readInto: () => 0,
      checkTime() {},
      isUnchanged: () => true,
    };
    const { owner, intact } = findOwner({ path: `/bin/${name}`, file }, paths, records, true);
    return [typeof owner === "object" ? owner.package : owner, intact];
  };
  assertEquals(ask("same", dev), ["tools", "not_collected"]);
  assertEquals(ask("unrecorded", dev), ["tools", undefined]);
  assertEquals(ask("nobodys", dev), [undefined, undefined]);
  assertEquals(ask("same", dev + 1), ["not_collected", "not_collected"]);
  assertEquals(ask("same", dev, false), ["not_collected", "not_collected"]);
});

testWith(
  { openssl: succeeds("openssl", "version") },
  "a signature that does not fit outweighs a package, and a package one that leads nowhere",
  () => {
    using signer = makeSigner();
    const elf = craftElf();
    const signature = signer.sign(elf, "-noattr");
    const level = (program: Uint8Array) => {
      using host = hostOf(program);
      return describe(host, PATHS).map(({ row }) => row.trust_level);
    };
    assertEquals(level(appendSignature(elf, signature)), [
      "trusted",
      "untrusted",
      "self_signed",
      "self_signed",
    ]);
    const changed = appendSignature(elf, signature);
    changed[100]! ^= 1;
    assertEquals(level(changed), ["untrusted", "untrusted", "untrusted", "untrusted"]);
  },
);

testWith(
  { openssl: succeeds("openssl", "version") },
  "compressed modules are read as what they hold, but for those of xz",
  () => {
    using signer = makeSigner();
    const elf = craftElf();
    const module = appendSignature(elf, signer.sign(elf, "-noattr"));
    const folder = "/lib/modules/1";
    using host = hostOf();
    host.write(`${folder}/gzip.ko.gz`, gzipSync(module));
    host.write(`${folder}/zstd.ko.zst`, zstdCompressSync(module));
    host.write(`${folder}/none.ko.zst`, zstdCompressSync(elf));
    host.write(`${folder}/broken.ko.gz`, gzipSync(module).subarray(0, 100));
    host.write(`${folder}/bomb.ko.gz`, gzipSync(new Uint8Array(129 * 2 ** 20)));
    host.write(`${folder}/xz.ko.xz`, new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]));
    host.write(`${folder}/text.ko.xz`, "no module");
    host.write(`${folder}/other.gz`, gzipSync(module));
    const names = [
      "gzip.ko.gz",
      "zstd.ko.zst",
      "none.ko.zst",
      "broken.ko.gz",
      "bomb.ko.gz",
      "xz.ko.xz",
      "text.ko.xz",
      "other.gz",
    ];
    const rows = describe(host, names.map((name) => `${folder}/${name}`));
    assertEquals(
      rows.map(({ row, gaps }) => [row.signed, row.signature_valid, gaps?.trust_level]),
      [
        [true, true, undefined],
        [true, true, undefined],
        [false, null, undefined],
        [null, null, "not_collected"],
        [null, null, "budget"],
        [null, null, "not_collected"],
        [false, null, undefined],
        [false, null, undefined],
      ],
    );
  },
);

testWith(
  { "root that can make namespaces": canConfine(), "dpkg-query": has("dpkg-query") },
  "a confined collector knows whose the running programs are, but not in a container",
  async () => {
    const planted = `/usr/bin/daemoneye-${crypto.randomUUID()}`;
    const { success, stdout } = new Deno.Command("dpkg-query", { args: ["-S", "*bin/sleep"] })
      .outputSync();
    if (!success) return console.log("not checked: no package has brought sleep");
    try {
      await Deno.copyFile("/bin/sleep", planted);
      await Deno.chmod(planted, 0o755);
      await using owned = run("/bin/sleep", ["60"]);
      await using unowned = run(planted, ["60"]);
      await using elsewhere = run("unshare", [
        "--mount",
        "sh",
        "-c",
        `mount --bind ${planted} /usr/bin/env && exec /usr/bin/env 60`,
      ]);
      await using inMemory = run("unshare", [
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs none /mnt && cp /bin/sleep /mnt/env && mount --bind /mnt/env /usr/bin/env && exec /usr/bin/env 60",
      ]);
      const runs = (pid: number, path: string) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/exe`).startsWith(path);
        } catch {
          return false;
        }
      };
      await until(
        "all run",
        () =>
          runs(unowned.pid, planted) && runs(owned.pid, "/usr/bin/sleep") &&
          runs(elsewhere.pid, "/usr/bin/env") && runs(inMemory.pid, "/usr/bin/env"),
      );
      await using collectors = await openHere("required");
      const { rows, outcome } = await drain(collectors.collect({
        table: "code_signing",
        project: ALL,
        keys: {
          column: "pid",
          values: [owned, unowned, elsewhere, inMemory].map(({ pid }) => pid),
        },
        deadline: 60_000,
      }));
      assertEquals(outcome, { status: "complete" });
      assertEquals(
        rows.map(({ values }) => [values.package_owned, values.package_name, values.trust_level]),
        [
          [true, new TextDecoder().decode(stdout).replace(/:.*$/s, ""), "trusted"],
          [false, null, "unsigned"],
          [null, null, null],
          [null, null, null],
        ],
      );
      assertEquals(rows.map(({ gaps }) => gaps.package_owned ?? null), [
        null,
        null,
        "not_collected",
        "not_collected",
      ]);
    } finally {
      await Deno.remove(planted).catch(() => {});
    }
  },
);

testWith(
  { osslsigncode: has("osslsigncode"), "dpkg-query": has("dpkg-query") },
  "every column of code_signing has a value somewhere",
  async () => {
    using signer = makeSigner();
    const { folder, run } = signer;
    Deno.chmodSync(folder, 0o755);
    Deno.writeFileSync(`${folder}/in.exe`, craftPe());
    // deno-fmt-ignore
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa", "-days", "2",
      "-subj", "/CN=Example Time", "-addext", "extendedKeyUsage=critical,timeStamping");
    // deno-fmt-ignore
    run("osslsigncode", "sign", "-certs", "certificate", "-key", "key", "-TSA-certs", "tsa", "-TSA-key", "tsa.key",
      "-in", "in.exe", "-out", "out.exe");
    await using collectors = await openHere();
    const rows: ReadRow[] = [];
    for (
      const keys of [
        { column: "file_path", values: [`${folder}/out.exe`, "/bin/sh"] },
        { column: "pid", values: [Deno.pid] },
      ]
    ) {
      const task = { table: "code_signing", project: ALL, keys, deadline: 60_000 };
      rows.push(...(await drain(collectors.collect(task))).rows);
    }
    const empty = ALL.filter((column) =>
      rows.every(({ values }) => (values[column] ?? null) === null)
    );
    assertEquals(empty, []);
    assertEquals(
      [...ALL].sort(),
      collectedColumns(code_signing, "linux").map(({ name }) => name)
        .filter((name) => name !== "platform_data").sort(),
    );
  },
);
