import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { succeeds } from "../netmond/live.ts";
import { has, testWith } from "../support.ts";
import { craftMachO } from "./crafted.ts";
import { output } from "./readelf.ts";
import { craftSignedMachO, makeSigner, type Signer, trySignature } from "./signing.ts";

const openssl = { openssl: succeeds("openssl", "version") };
const RUNTIME = 0x1_0000;
const START = 10_000;

/** Whether a signature fits; false where it cannot be read. */
function isValid(bytes: Uint8Array): boolean | undefined {
  try {
    return trySignature(bytes)?.valid;
  } catch (error) {
    assert(error instanceof Error);
    return false;
  }
}

Deno.test("an ad hoc signature of Mach-O says which program it is, and names nobody", () => {
  const image = craftSignedMachO();
  const { chain, anonymous, valid, format, details } = trySignature(image)!;
  assertEquals([format, valid, anonymous, chain], ["mach_o", true, true, []]);
  const length = new DataView(image.buffer).getUint32(START + 12 + 8 * 3 + 4);
  const directory = image.subarray(START + 36, START + 36 + length);
  assertEquals(details, [{
    identifier: "com.example.tool",
    team: "ABCDE12345",
    flags: ["adhoc"],
    hash: "sha256",
    cdhash: createHash("sha256").update(directory).digest("hex").slice(0, 40),
    entitlements: true,
  }]);
});

Deno.test("a signature of Mach-O does not fit with any other byte in a page or a part of it", () => {
  for (const pageShift of [0, 12]) {
    const image = craftSignedMachO({ pageShift });
    assertEquals(isValid(image), true);
    for (let at = 48; at < START; at += 13) {
      const changed = image.slice();
      changed[at]! ^= 1 << at % 8;
      assertEquals(isValid(changed), false, String(at));
    }
    const rights = image.length - 8192 + 12 + 8 * 3;
    const view = new DataView(image.buffer);
    const end = START + view.getUint32(START + 4) - 8;
    // Bits of the directory may be others where nobody has signed it; its digests and all parts may not.
    for (let at = rights + 88; at < end; at++) {
      const changed = image.slice();
      changed[at]! ^= 4;
      const name = at < rights + 88 + "com.example.tool\0ABCDE12345\0".length;
      const unused = !name && at < rights + 88 + 28 + 4 * 32 + 32 && at >= rights + 88 + 28 + 32;
      if (!name && !unused) assertEquals(isValid(changed), false, String(at - rights));
    }
  }
});

Deno.test("a code directory that does not cover all before the signature does not fit", () => {
  for (const limit of [START - 1, 4096, 8192]) {
    assertEquals(isValid(craftSignedMachO({ limit })), false, String(limit));
  }
  assertEquals(isValid(craftSignedMachO({ limit: START })), true);
  const image = craftSignedMachO();
  const directory = START + 12 + 8 * 3;
  const view = new DataView(image.buffer);
  assertEquals(view.getUint32(directory + 32), START);
  for (const limit of [START - 4096, START - 1, 0, 0xffff_ffff]) {
    view.setUint32(directory + 32, limit);
    assertEquals(isValid(image), false, String(limit));
  }
});

Deno.test("all code directories have to fit, and those beside the first one to be signed", () => {
  const image = craftSignedMachO({ hashes: ["sha1", "sha256", "sha384"] });
  const read = trySignature(image)!;
  assertEquals([read.valid, read.details[0]!.hash], [true, "sha384"]);
});

/** A fat file of images (mach-o/fat.h). */
function joinImages(images: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(32_768 * (images.length + 1));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xcafe_babe);
  view.setUint32(4, images.length);
  for (const [number, image] of images.entries()) {
    const at = 32_768 * (number + 1);
    view.setUint32(8 + 20 * number + 8, at);
    view.setUint32(8 + 20 * number + 12, image.length);
    bytes.set(image, at);
  }
  return bytes;
}

/** Attributes that name digests are more than openssl's program can add, so one directory is signed. */
const signBy = (signer: Signer) => (directory: Uint8Array) =>
  signer.sign(directory, "-md", "sha256");

testWith(openssl, "a signature of Mach-O by somebody fits his code directory alone", () => {
  using signer = makeSigner();
  const signed = craftSignedMachO({ flags: RUNTIME, sign: signBy(signer) });
  const read = trySignature(signed)!;
  assertEquals([read.valid, read.anonymous, read.chain.length], [true, false, 1]);
  assertEquals(read.chain[0]!.subject, "O=Example\nCN=Example Corp");
  assertEquals(read.details[0]!.flags, ["runtime"]);
  const parts = new DataView(signed.buffer);
  const directory = START + 12 + 8 * 3;
  for (let at = 48; at < directory + parts.getUint32(directory + 4); at += 11) {
    const changed = signed.slice();
    changed[at]! ^= 1 << at % 8;
    // Nothing lies between the parts' index and the first part.
    if (at < START || at >= directory) assertEquals(isValid(changed), false, String(at));
  }
  // Others' directories beside his are not his.
  const two = craftSignedMachO({
    flags: RUNTIME,
    hashes: ["sha1", "sha256"],
    sign: signBy(signer),
  });
  assertEquals(isValid(two), false);
  assertEquals(isValid(craftSignedMachO({ flags: RUNTIME })), false);
});

testWith(openssl, "a fat file fits where all its images do, by one signer", () => {
  using one = makeSigner();
  using other = makeSigner();
  const by = (signer: Signer) => craftSignedMachO({ flags: RUNTIME, sign: signBy(signer) });
  const fat = (images: readonly Uint8Array[]) => isValid(joinImages(images));
  assertEquals(fat([by(one), by(one)]), true);
  assertEquals(fat([by(one), by(other)]), false);
  assertEquals(fat([by(one), craftSignedMachO()]), false);
  assertEquals(fat([craftSignedMachO(), craftSignedMachO()]), true);
  assertEquals(fat([craftSignedMachO(), craftMachO()]), false);
  const changed = joinImages([by(one), by(one)]);
  changed[2 * 32_768 + 5000]! ^= 1;
  assertEquals(isValid(changed), false);
});

Deno.test("what is cut off, or has parts beyond its end, is no signature that fits", () => {
  const image = craftSignedMachO();
  for (const length of [START + 4, START + 40, START + 200, START + 400]) {
    assertEquals(isValid(image.subarray(0, length)), false, String(length));
  }
  const view = new DataView(image.buffer);
  view.setUint32(START + 8, 65);
  assertThrows(() => trySignature(image));
});

Deno.test("what is broken in a signature of Mach-O is read without harm", () => {
  const image = craftSignedMachO({ hashes: ["sha1", "sha256"] });
  const place = fc.oneof(fc.nat(47), fc.integer({ min: START, max: START + 900 }));
  const value = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
  fc.assert(
    fc.property(fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = image.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      isValid(bytes);
    }),
    { numRuns: 1500 },
  );
});

testWith(
  {
    clang: has("clang"),
    "ld64.lld": has("ld64.lld") || has("ld64.lld-14"),
  },
  "what lld has signed fits, and not with another byte",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/main.c`, "int main(void) { return 0; }");
      // deno-fmt-ignore
      output("clang", "-target", "arm64-apple-macos11", "-c", `${folder}/main.c`, "-o", `${folder}/main.o`);
      // deno-fmt-ignore
      output(has("ld64.lld") ? "ld64.lld" : "ld64.lld-14", "-arch", "arm64", "-platform_version", "macos", "11.0", "11.0",
        "-o", `${folder}/main`, `${folder}/main.o`, "-e", "_main", "-undefined", "dynamic_lookup");
      const program = await Deno.readFile(`${folder}/main`);
      const { valid, details } = trySignature(program)!;
      assertEquals([valid, details[0]!.identifier], [true, "main"]);
      assertEquals(details[0]!.flags, ["adhoc", "linker_signed"]);
      for (let at = 32; at < 16_384; at += 97) {
        const changed = program.slice();
        changed[at]! ^= 1;
        const now = isValid(changed);
        assert(now === false || now === undefined, String(at));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const PUBLISHED = [
  ["@rollup/rollup-darwin-arm64@4.30.0", "rollup.darwin-arm64.node", true, undefined],
  ["fsevents@2.3.3", "fsevents.node", false, undefined],
  [
    "@sentry/cli-darwin@3.8.0",
    "bin/sentry-cli",
    true,
    "CN=Developer ID Application: GetSentry LLC (97JCY7859U)",
  ],
] as const;

for (const [name, path, valid, subject] of PUBLISHED) {
  testWith(
    { "BINARIES=all": Deno.env.get("BINARIES") === "all", npm: has("npm") },
    `the signature of ${name} is read`,
    async () => {
      const folder = await Deno.makeTempDir();
      try {
        output("npm", "pack", "--silent", "--pack-destination", folder, name);
        const [pack] = output("find", folder, "-name", "*.tgz").trim().split("\n");
        output("tar", "xzf", pack!, "-C", folder);
        const bytes = await Deno.readFile(`${folder}/package/${path}`);
        const read = trySignature(bytes)!;
        assertEquals(read.valid, valid);
        assertEquals(read.anonymous, subject === undefined);
        if (!subject) return;
        assertEquals(read.chain[0]!.subject.split("\n")[1], subject);
        assertEquals(read.chain.at(-1)!.subject.split("\n").at(-1), "CN=Apple Root CA");
        assert(read.time! > Date.parse("2024-01-01"));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
