import { assert, assertEquals } from "@std/assert";
import { metadataSources } from "../../collectors/filemond/sources.ts";
import { file_metadata } from "../../profiles/file_metadata.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { makeFolder, output } from "./filemond/host.ts";
import { collect, has, metadata, needs, open } from "./filemond/live.ts";
import { canConfine, run, testWith, until } from "./support.ts";

const COLUMNS = collectedColumns(file_metadata, "linux").map(({ name }) => name);

testWith(needs, "file_metadata says what find says of every file of a tree", async () => {
  const format = [
    "%p",
    "%s",
    "%m",
    "%u",
    "%g",
    "%D",
    "%i",
    "%n",
    "%b",
    "%U",
    "%G",
    "%T@",
    "%C@",
    "%l",
    "%y",
  ];
  await using collectors = await open();
  const project = [
    ...["file_path", "file_size", "permissions", "owner_user", "owner_group", "device_id", "inode"],
    ...["hard_links", "blocks_allocated", "file_uid", "file_gid", "modified_time"],
    ...["file_change_time", "symlink_target", "file_type", "filesystem_type", "created_time"],
  ];
  const { rows, outcome } = await collect(
    collectors,
    { column: "file_path", globs: ["/etc/*", "/dev/*"] },
    project,
  );
  assertEquals(outcome, { status: "complete" });
  const told = output(
    "find",
    "/etc",
    "/dev",
    "-mindepth",
    "1",
    "-printf",
    format.join("\\0") + "\\0\\n\\0",
  )
    .split("\0\n\0").slice(0, -1).map((line) => line.split("\0"));
  const kinds: Readonly<Record<string, string>> = {
    regular: "f",
    directory: "d",
    symlink: "l",
    socket: "s",
    pipe: "p",
    block_device: "b",
    character_device: "c",
  };
  // The tree lives: what changes between the two looks is left out, and that must be little.
  const lines = new Set(
    told.map((line) =>
      [...line.slice(0, 11), ms(line[11]!), ms(line[12]!), line[13], line[14]].join("\n")
    ),
  );
  const different = rows.filter(({ values: row }) =>
    !lines.has([
      ...[row.file_path, row.file_size, parseInt(String(row.permissions), 8).toString(8)],
      ...[row.owner_user ?? row.file_uid, row.owner_group ?? row.file_gid, row.device_id],
      ...[row.inode, row.hard_links, row.blocks_allocated, row.file_uid, row.file_gid],
      ...[row.modified_time, row.file_change_time, row.symlink_target ?? ""],
      kinds[String(row.file_type)],
    ].join("\n"))
  );
  assert(rows.length > 100 && Math.abs(rows.length - told.length) < 10, "as many rows as files");
  assert(different.length < 10, JSON.stringify(different.slice(0, 3).map(({ values }) => values)));
  const stat = (path: string) => output("stat", "-c", "%W", path).trim();
  const passwd = rows.find(({ values }) => values.file_path === "/etc/passwd")!.values;
  assertEquals(String(Math.floor(Number(passwd.created_time ?? 0) / 1000)), stat("/etc/passwd"));
  assertEquals(
    passwd.filesystem_type,
    output("findmnt", "-no", "FSTYPE", "-T", "/etc/passwd").trim(),
  );
});

/** Seconds with a fraction as ms. */
function ms(seconds: string): number {
  const [whole, fraction = "0"] = seconds.split(".");
  return Number(whole) * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
}

testWith(
  {
    ...needs,
    getfattr: has("getfattr"),
    setfacl: has("setfacl"),
    setcap: has("setcap"),
    chattr: has("chattr"),
  },
  "file_metadata says what getfattr, getfacl, getcap and lsattr say",
  async () => {
    using folder = makeFolder();
    const file = `${folder.path}/program`;
    Deno.copyFileSync("/bin/true", file);
    output("setcap", "cap_net_raw,cap_bpf+eip", file);
    output("setfacl", "-m", "u:daemon:rx,g:tty:r", file);
    output("setfacl", "-d", "-m", "u:daemon:rx", folder.path);
    output("setfattr", "-n", "user.origin", "-v", "https://example.com/ü", file);
    output("setfattr", "-n", "user.binary", "-v", "0xff0001", file);
    output("chattr", "+i", file);
    const columns = [
      "extended_attributes",
      "acl_entries",
      "capabilities",
      "file_flags",
      "file_generation",
    ];
    try {
      const rows = await metadata([file, folder.path, "/etc/passwd"], columns);
      const { values } = rows.get(file)!;
      const attributes = JSON.parse(String(values.extended_attributes));
      assertEquals(
        Object.keys(attributes).sort(),
        output("getfattr", "--absolute-names", "-m", "-", file).split("\n").slice(1).filter(Boolean)
          .sort(),
      );
      assertEquals(attributes["user.origin"], "https://example.com/ü");
      assertEquals(attributes["user.binary"], "/wAB");
      assertEquals(JSON.parse(String(values.capabilities)), {
        permitted: ["CAP_NET_RAW", "CAP_BPF"],
        inheritable: ["CAP_NET_RAW", "CAP_BPF"],
        effective: true,
      });
      const [flags] = output("lsattr", "-d", "-v", file).trim().split(/\s+/).slice(1);
      assert(flags!.includes("i"));
      assertEquals(Number(values.file_flags) & 0x10, 0x10);
      assertEquals(
        String(values.file_generation),
        output("lsattr", "-v", file).trim().split(/\s+/)[0],
      );
      for (const path of [file, folder.path]) {
        const told = output("getfacl", "-cpE", path).trim().split("\n");
        const entries: { kind: string; name: string | null; permissions: string }[] = JSON.parse(
          String(rows.get(path)!.values.acl_entries ?? "[]"),
        );
        const lines = entries.map(({ kind, name, permissions }) =>
          `${kind}:${name ?? ""}:${permissions}`
        );
        assert(lines.length > 3);
        assertEquals(lines.filter((line) => !told.includes(line)), []);
      }
      const plain = rows.get("/etc/passwd")!;
      assertEquals(columns.slice(0, 3).map((column) => plain.values[column]), [null, null, null]);
      assertEquals(plain.gaps.acl_entries, undefined, "that it has none is known");
    } finally {
      output("chattr", "-i", file);
    }
  },
);

testWith(
  { ...needs, file: has("file") },
  "file_metadata hashes as sha256sum does, and tells types that file tells",
  async () => {
    using folder = makeFolder();
    const text = `${folder.path}/text`;
    Deno.writeTextFileSync(text, "#!/bin/sh\necho ü\n");
    Deno.writeTextFileSync(`${folder.path}/empty`, "");
    output("sh", "-c", `cd "$1"; gzip -k text; tar cf tar text`, "sh", folder.path);
    const paths = ["text", "empty", "text.gz", "tar"].map((name) => `${folder.path}/${name}`);
    const rows = await metadata([...paths, "/bin/true"], [
      "sha256_hash",
      "mime_type",
      "file_encoding",
      "file_compression",
    ]);
    for (const path of [...paths, "/bin/true"]) {
      assertEquals(rows.get(path)!.values.sha256_hash, output("sha256sum", path).split(" ")[0]);
      if (path === "/bin/true") continue;
      const told = output("file", "-b", "--mime-type", path).trim();
      assertEquals(rows.get(path)!.values.mime_type, told);
    }
    assertEquals(rows.get(text)!.values.file_encoding, "utf-8");
    assertEquals(rows.get(`${text}.gz`)!.values.file_compression, "gzip");
  },
);

const CONTENTS = [
  "sha256_hash",
  "mime_type",
  "file_encoding",
  "file_compression",
  "file_encryption",
];

testWith(needs, "file_metadata opens nothing that could hold it up", async () => {
  using folder = makeFolder();
  const at = (name: string) => `${folder.path}/${name}`;
  output("mkfifo", at("pipe"));
  output("mknod", at("zero"), "c", "1", "5");
  using _socket = Deno.listen({ transport: "unix", path: at("socket") });
  output("truncate", "-s", "4G", at("sparse"));
  Deno.symlinkSync("/dev/zero", at("link"));
  Deno.symlinkSync(at("loop"), at("loop"));
  const rows = await metadata(
    [...["pipe", "zero", "socket", "sparse", "link", "loop"].map(at), "/proc/kmsg", "/dev/zero"],
    ["file_type", "file_size", ...CONTENTS],
  );
  const told = (path: string, column = "sha256_hash") =>
    rows.get(path)!.gaps[column] ?? rows.get(path)!.values[column];
  for (
    const [name, kind] of [
      ["pipe", "pipe"],
      ["zero", "character_device"],
      ["socket", "socket"],
      ["link", "symlink"],
      ["loop", "symlink"],
    ] as const
  ) {
    assertEquals([told(at(name), "file_type"), told(at(name))], [kind, null]);
  }
  assertEquals(told(at("pipe"), "mime_type"), "inode/fifo");
  assertEquals([told(at("sparse")), told(at("sparse"), "file_size")], ["budget", 2 ** 32]);
  assertEquals(told(at("sparse"), "mime_type"), "application/octet-stream");
  assertEquals(told("/proc/kmsg"), "not_collected");
  assertEquals(told("/dev/zero"), null);
});

testWith(needs, "file_metadata has every name as it is, and none that is not there", async () => {
  using folder = makeFolder();
  output(
    "sh",
    "-c",
    `cd "$1"; touch "$(printf 'new\\nline')" "$(printf 'a\\377b')" '*[?' 'ü'`,
    "sh",
    folder.path,
  );
  await using collectors = await open();
  const { rows, outcome } = await collect(
    collectors,
    { column: "directory", values: [folder.path, "relative", "/etc/..", "/no such folder"] },
    ["file_path", "file_name", "sha256_hash"],
  );
  assertEquals(outcome, { status: "complete" });
  assertEquals(rows.map(({ values }) => values.file_name).sort(), [
    "*[?",
    "a\ufffdb",
    "new\nline",
    "ü",
  ]);
  assert(rows.every(({ values }) => values.sha256_hash), "each is read, whatever its name");
  const again = await collect(
    collectors,
    { column: "file_path", values: rows.map(({ values }) => String(values.file_path)) },
    ["file_path"],
  );
  assertEquals(again.rows.length, 3);
  assertEquals(again.outcome.status, "partial", "a name that cannot be said is not called absent");
});

testWith(
  needs,
  "file_metadata knows a content that has changed, and has no hash of one that changes",
  async () => {
    using folder = makeFolder();
    const file = `${folder.path}/file`;
    Deno.writeTextFileSync(file, "old");
    Deno.utimeSync(file, 1, 1);
    await using collectors = await open();
    const hash = async () => {
      const keys = { column: "file_path", values: [file] };
      const { rows } = await collect(collectors, keys, ["file_path", "sha256_hash"]);
      return rows[0]!.gaps.sha256_hash ?? rows[0]!.values.sha256_hash;
    };
    const sum = () => output("sha256sum", file).split(" ")[0];
    assertEquals(await hash(), sum());
    Deno.writeTextFileSync(file, "new");
    Deno.utimeSync(file, 1, 1);
    assertEquals(await hash(), sum());
    output("truncate", "-s", "256M", file);
    await using writer = run("sh", ["-c", `while :; do echo x >> ${file}; done`]);
    await until("it writes", () => Deno.statSync(file).size > 2 ** 28);
    assertEquals(await hash(), "not_collected");
    writer.kill("SIGKILL");
  },
);

testWith(
  {
    ...needs,
    "root that can make namespaces": canConfine(),
    setcap: has("setcap"),
    setfacl: has("setfacl"),
    flock: has("flock"),
  },
  "every column of file_metadata has a value somewhere, or is said to have none",
  async () => {
    using folder = makeFolder();
    const file = `${folder.path}/program.bak`;
    Deno.copyFileSync("/bin/true", file);
    output("setcap", "cap_net_raw+ep", file);
    output("setfacl", "-m", "u:daemon:rx", file);
    output(
      "sh",
      "-c",
      `cd "$1"; echo x | gzip > x.gz; echo Salted__ > secret; ln -s x.gz link`,
      "sh",
      folder.path,
    );
    await using _lock = run("flock", [file, "sleep", "60"]);
    await until("it is locked", () => / FLOCK /.test(Deno.readTextFileSync("/proc/locks")));
    await using collectors = await open();
    const { rows, outcome } = await collect(
      collectors,
      { column: "file_path", values: ["/dev/null"], globs: [`${folder.path}/*`] },
      COLUMNS,
    );
    assertEquals(outcome, { status: "complete" });
    const { platform_data: _, ...sources } = { platform_data: "", ...metadataSources };
    const there = (path: string) => {
      try {
        return [...Deno.readDirSync(path)].length > 2;
      } catch {
        return false;
      }
    };
    const excused: Readonly<Record<string, string>> = {
      mount_stats: "no filesystem of the network is mounted here",
      ...there("/proc/sys/fs/binfmt_misc") ? {} : { binfmt_misc: "nothing is registered here" },
      ...there("/proc/sys/fs/quota") ? {} : { dquot_nr: "this kernel has no quotas" },
    };
    for (const [column, why] of Object.entries(excused)) {
      console.log(`not checked: ${column}: ${why}`);
    }
    const broken = Object.entries(sources).filter(([column, source]) => {
      const filled = rows.some(({ values }) => (values[column] ?? null) !== null);
      return typeof source === "string" ? !filled && !(column in excused) : filled;
    }).map(([column]) => column);
    assertEquals(broken, []);
    assertEquals(
      Object.keys(sources).sort(),
      COLUMNS.filter((name) => name !== "platform_data").sort(),
    );
    assertEquals(collectors.reports().map(({ name, confinement }) => [name, confinement]), [
      ["filemond", "namespaces"],
    ]);
  },
);
