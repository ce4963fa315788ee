import { assert, assertEquals } from "@std/assert";
import { readAuthenticode } from "../../../collectors/binmond/signatures/authenticode.ts";
import { parsePe } from "../../../collectors/binmond/formats/pe.ts";
import { sourceOf } from "../../../collectors/binmond/formats/source.ts";
import { drain, has, isLinux, testWith } from "../support.ts";
import { craftElf, craftPe } from "./crafted.ts";
import { openHere } from "./live.ts";
import fc from "fast-check";
import { signatureSources } from "../../../collectors/binmond/sources.ts";

function tryFile(bytes: Uint8Array) {
  const file = {
    size: bytes.length,
    checkTime() {},
    readInto(buffer: Uint8Array, at: number) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
  return readAuthenticode(parsePe(sourceOf(bytes))!, file);
}

/** A file signed by a certificate of its own. */
async function sign(bytes: Uint8Array, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  const run = (program: string, ...args: string[]) => {
    const { success, stderr, stdout } = new Deno.Command(program, { args, cwd: folder })
      .outputSync();
    assert(success, new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout));
  };
  try {
    await Deno.writeFile(`${folder}/in.exe`, bytes);
    // deno-fmt-ignore
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "certificate",
      "-days", "1", "-subj", "/CN=Example Corp", "-addext", "extendedKeyUsage=codeSigning");
    // deno-fmt-ignore
    run("osslsigncode", "sign", "-h", hash, "-certs", "certificate", "-key", "key", "-in", "in.exe", "-out", "out.exe");
    return await Deno.readFile(`${folder}/out.exe`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testWith(
  { osslsigncode: has("osslsigncode"), openssl: Deno.build.os === "linux" },
  "readAuthenticode() finds what osslsigncode has signed valid, and not with another byte",
  async () => {
    for (const is64 of [true, false]) {
      for (const hash of ["sha1", "sha256"]) {
        const unsigned = craftPe(is64);
        assertEquals(tryFile(unsigned), undefined);
        const signed = await sign(unsigned, hash);
        const read = tryFile(signed)!;
        assertEquals([read.valid, read.chain.length], [true, 1]);
        assertEquals(read.chain[0]!.subject, "CN=Example Corp");
        const changed = signed.slice();
        changed[unsigned.length - 1]! ^= 1;
        assertEquals(tryFile(changed)!.valid, false);
        assertEquals(tryFile(new Uint8Array([...signed, 1, 2, 3]))!.valid, false);
      }
    }
  },
);

testWith(
  { osslsigncode: has("osslsigncode"), Linux: isLinux },
  "code_signing tells of files that are signed, changed, broken, and not signed",
  async () => {
    const unsigned = craftPe();
    const signed = await sign(unsigned, "sha256");
    const changed = signed.slice();
    changed[unsigned.length - 1]! ^= 1;
    const broken = signed.slice();
    broken.fill(0xff, unsigned.length + 8, unsigned.length + 24);
    const module = new Uint8Array([
      ...craftElf(),
      ...new TextEncoder().encode("~Module signature appended~\n"),
    ]);
    const files = { unsigned, signed, changed, broken, module, elf: craftElf() };
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    try {
      for (const [name, bytes] of Object.entries(files)) {
        await Deno.writeFile(`${folder}/${name}`, bytes);
      }
      await using collectors = await openHere();
      const { rows, outcome } = await drain(collectors.collect({
        table: "code_signing",
        project: Object.keys(signatureSources),
        keys: {
          column: "file_path",
          values: Object.keys(files).map((name) => `${folder}/${name}`),
        },
        deadline: 60_000,
      }));
      assertEquals(outcome, { status: "complete" });
      assertEquals(
        rows.map(({ values }) => [values.signed, values.signature_valid, values.trust_level]),
        [
          [false, null, "unsigned"],
          [true, true, "self_signed"],
          [true, false, "untrusted"],
          [true, false, "untrusted"],
          [true, null, "unknown"],
          [false, null, "unsigned"],
        ],
      );
      const { publisher, signing_authority, certificate_chain } = rows[1]!.values;
      assertEquals([publisher, signing_authority], ["Example Corp", "Example Corp"]);
      assertEquals(JSON.parse(String(certificate_chain))[0].subject, "CN=Example Corp");
      assertEquals(rows[0]!.gaps, {});
      assertEquals(rows[1]!.gaps, { timestamp: "not_collected" });
      assertEquals(rows[4]!.gaps.signature_valid, "not_collected");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testWith(
  { osslsigncode: has("osslsigncode") },
  "what is broken in a signature is read without harm",
  async () => {
    const unsigned = craftPe();
    const signed = await sign(unsigned, "sha256");
    const place = fc.integer({ min: unsigned.length, max: signed.length - 1 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = signed.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            tryFile(bytes);
          } catch (error) {
            assert(error instanceof Error);
          }
        },
      ),
      { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 500) },
    );
  },
);

testWith(
  { osslsigncode: has("osslsigncode"), openssl: Deno.build.os === "linux" },
  "readAuthenticode() reads the chain of whom osslsigncode verifies, and refuses whom it refuses",
  async () => {
    const folder = await Deno.makeTempDir();
    const run = (program: string, ...args: string[]) => {
      const { success, stderr } = new Deno.Command(program, { args, cwd: folder }).outputSync();
      return { success, said: new TextDecoder().decode(stderr) };
    };
    const must = (program: string, ...args: string[]) => {
      const { success, said } = run(program, ...args);
      assert(success, said);
    };
    const verifies = (name: string) => run("osslsigncode", "verify", "-CAfile", "ca", name).success;
    try {
      await Deno.writeFile(`${folder}/in.exe`, craftPe());
      await Deno.writeTextFile(`${folder}/ext`, "extendedKeyUsage=codeSigning\n");
      // deno-fmt-ignore
      must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca", "-days", "1",
        "-subj", "/CN=Example CA");
      // deno-fmt-ignore
      must("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "request", "-subj",
        "/O=Example/CN=Example Corp");
      // deno-fmt-ignore
      must("openssl", "x509", "-req", "-in", "request", "-CA", "ca", "-CAkey", "ca.key", "-CAcreateserial", "-out",
        "certificate", "-days", "1", "-extfile", "ext");
      // deno-fmt-ignore
      must("osslsigncode", "sign", "-h", "sha256", "-certs", "certificate", "-ac", "ca", "-key", "key", "-in", "in.exe",
        "-out", "out.exe");
      const signed = await Deno.readFile(`${folder}/out.exe`);
      const { valid, chain } = tryFile(signed)!;
      assertEquals([valid, verifies("out.exe")], [true, true]);
      assertEquals(chain.map(({ subject }) => subject.split("\n").at(-1)), [
        "CN=Example Corp",
        "CN=Example CA",
      ]);
      const changed = signed.slice();
      changed[0x80]! ^= 1;
      await Deno.writeFile(`${folder}/changed.exe`, changed);
      assertEquals([tryFile(changed)!.valid, verifies("changed.exe")], [false, false]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
