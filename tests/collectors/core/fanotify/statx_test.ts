import { assertEquals } from "@std/assert";
import { parseStatx, STATX_SIZE } from "../../../../collectors/core/fanotify/statx.ts";

Deno.test("parseStatx() reads struct statx", () => {
  const bytes = new Uint8Array(STATX_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xfff, true);
  view.setUint32(4, 4096, true);
  // Immutable, append, and an attribute that is no flag; the filesystem knows the first and the last.
  view.setBigUint64(8, 0x2030n, true);
  view.setBigUint64(56, 0x2010n, true);
  view.setUint32(16, 2, true);
  view.setUint32(20, 1000, true);
  view.setUint32(24, 0xffff_fffe, true);
  view.setUint16(28, 0o104755, true);
  view.setBigUint64(32, 2n ** 63n + 5n, true);
  view.setBigUint64(40, 7n, true);
  view.setBigUint64(48, 8n, true);
  for (const [at, seconds] of [[64, 1n], [80, -2n], [96, 3n], [112, 4n]] as const) {
    view.setBigInt64(at, seconds, true);
    view.setUint32(at + 8, 500_000_000, true);
  }
  view.setUint32(136, 0x1_003, true);
  view.setUint32(140, 0x1_02, true);
  assertEquals(parseStatx(bytes), {
    mode: 0o104755,
    uid: 1000,
    gid: 0xffff_fffe,
    nlink: 2,
    size: 7n,
    dev: 0x1000_0010_0302n,
    ino: 2n ** 63n + 5n,
    rdev: 0n,
    blksize: 4096,
    blocks: 8n,
    atime: 1_500_000_000n,
    mtime: 4_500_000_000n,
    ctime: 3_500_000_000n,
    btime: -1_500_000_000n,
    flags: 0x10,
  });
  view.setUint32(0, 0x7ff, true);
  assertEquals(parseStatx(bytes).btime, null);
});
