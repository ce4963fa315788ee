import { assert, assertEquals } from "@std/assert";
import { readAuthenticode } from "../../../collectors/binmond/signatures/authenticode.ts";
import { parsePe } from "../../../collectors/binmond/formats/pe.ts";
import { sourceOf } from "../../../collectors/binmond/formats/source.ts";
import { drain, has, isLinux, testWith } from "../support.ts";
import { craftElf, craftPe } from "./crafted.ts";
import { openHere } from "./live.ts";
import { appendSignature, craftSignedMachO, makeSigner } from "./signing.ts";
import { firstElement, TAG, within } from "../../../collectors/binmond/signatures/der.ts";
import { readTimestamp } from "../../../collectors/binmond/signatures/timestamp.ts";
import { readSignedData } from "../../../collectors/binmond/signatures/signed_data.ts";
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
  { osslsigncode: has("osslsigncode"), openssl: Deno.build.os === "linux" },
  "readAuthenticode() does not take a signature that was moved among the sections",
  async () => {
    const unsigned = craftPe();
    const signed = await sign(unsigned, "sha256");
    // The bytes that were signed are all there in their order, but half of the code is the signature now.
    const place = 1024;
    const moved = new Uint8Array([
      ...signed.subarray(0, place),
      ...signed.subarray(unsigned.length),
      ...signed.subarray(place, unsigned.length),
    ]);
    const view = new DataView(moved.buffer);
    const entry = view.getUint32(60, true) + 24 + 112 + 8 * 4;
    assertEquals(view.getUint32(entry, true), unsigned.length);
    view.setUint32(entry, place, true);
    assertEquals([tryFile(signed)!.valid, tryFile(moved)!.valid], [true, false]);
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
    using signer = makeSigner();
    const elf = craftElf();
    const module = appendSignature(elf, signer.sign(elf, "-noattr", "-nocerts"));
    const macho = craftSignedMachO();
    const files = { unsigned, signed, changed, broken, module, macho, elf };
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
      // Where there is no record of packages nobody knows whether one has brought the file.
      const alone = rows[0]!.gaps.trust_level ? null : "unsigned";
      assertEquals(
        rows.map(({ values }) => [values.signed, values.signature_valid, values.trust_level]),
        [
          [false, null, alone],
          [true, true, "self_signed"],
          [true, false, "untrusted"],
          [true, false, "untrusted"],
          [true, null, "unknown"],
          [true, true, "self_signed"],
          [false, null, alone],
        ],
      );
      const { publisher, signing_authority, certificate_chain } = rows[1]!.values;
      assertEquals([publisher, signing_authority], ["Example Corp", "Example Corp"]);
      assertEquals(JSON.parse(String(certificate_chain))[0].subject, "CN=Example Corp");
      if (alone) {
        assertEquals(rows.map(({ gaps }) => gaps), [
          {},
          {},
          {},
          {},
          {
            signature_valid: "not_collected",
            certificate_chain: "not_collected",
            publisher: "not_collected",
          },
          {},
          {},
        ]);
        assertEquals(rows[0]!.values.package_owned, false);
      }
      assertEquals(
        rows.map(({ values }) => values.signature_format),
        [null, "authenticode", "authenticode", null, "kernel_module", "mach_o", null],
      );
      assertEquals(rows[4]!.values.signing_authority, "Example Corp");
      assertEquals(
        JSON.parse(String(rows[5]!.values.signature_details))[0].identifier,
        "com.example.tool",
      );
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

testWith(
  { osslsigncode: has("osslsigncode"), openssl: Deno.build.os === "linux" },
  "the time of a countersignature is read where it fits the signature",
  () => {
    using signer = makeSigner();
    const { folder, run } = signer;
    // deno-fmt-ignore
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa", "-days", "9999",
      "-subj", "/CN=Example Time", "-addext", "extendedKeyUsage=critical,timeStamping");
    Deno.writeFileSync(`${folder}/in.exe`, craftPe());
    const time = Date.parse("2026-01-02T03:04:05Z");
    // deno-fmt-ignore
    run("osslsigncode", "sign", "-certs", "certificate", "-key", "key", "-TSA-certs", "tsa", "-TSA-key", "tsa.key",
      "-TSA-time", String(time / 1000), "-in", "in.exe", "-out", "out.exe");
    const signed = Deno.readFileSync(`${folder}/out.exe`);
    const read = tryFile(signed)!;
    assertEquals([read.valid, read.time, read.timeUnknown], [true, time, false]);

    // The message ends with the token, whose own signature is its end.
    const size = new DataView(signed.buffer).getUint32(0x40 + 24 + 112 + 8 * 4 + 4, true);
    const message = signed.subarray(signed.length - size + 8);
    assertEquals(readTimestamp(readSignedData(message)), time);
    const text = Array.from(message, (byte) => String.fromCharCode(byte)).join("");
    for (
      const at of [text.indexOf("20260102030405Z") + 3, text.lastIndexOf("\x04\x82\x01\x00") + 9]
    ) {
      const changed = message.slice();
      changed[at]! ^= 1;
      const data = readSignedData(changed);
      assertEquals([data.valid, readTimestamp(data)], [true, "unknown"]);
    }
    // One that belongs to another signature.
    const foreign = { ...readSignedData(message), signature: new Uint8Array(256) };
    assertEquals(readTimestamp(foreign), "unknown");
  },
);

testWith(
  { openssl: Deno.build.os === "linux" },
  "the time of an older countersignature is read where it fits the signature",
  () => {
    using signer = makeSigner();
    const signature = Uint8Array.from({ length: 256 }, (_, at) => at);
    const before = Math.floor(Date.now() / 1000) * 1000;
    const [, wrapped] = within(firstElement(signer.sign(signature)), TAG.SEQUENCE);
    const infos = within(within(wrapped, 0xa0)[0], TAG.SEQUENCE).at(-1);
    const data = {
      ...readSignedData(signer.sign(signature, "-nodetach")),
      certificates: [signer.certificate],
      unsignedAttributes: new Map([["2a864886f70d010906", within(infos, TAG.SET)]]),
      signature,
    };
    const time = readTimestamp(data);
    assert(typeof time === "number" && time >= before && time <= Date.now(), String(time));
    assertEquals(readTimestamp({ ...data, signature: signature.toReversed() }), "unknown");
    assertEquals(readTimestamp({ ...data, certificates: [] }), "unknown");
    assertEquals(readTimestamp({ ...data, unsignedAttributes: new Map() }), undefined);
  },
);
