import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { moduleCertificates } from "../../../collectors/binmond/module_keys.ts";
import { openHostPaths } from "../../../collectors/binmond/paths.ts";
import { makeHost } from "../packages/host.ts";
import { succeeds } from "../netmond/live.ts";
import { has, testWith } from "../support.ts";
import { craftElf } from "./crafted.ts";
import { output } from "./readelf.ts";
import { appendSignature, makeSigner, trySignature } from "./signing.ts";

const openssl = { openssl: succeeds("openssl", "version") };
const KEYS = {
  RSA: ["-newkey", "rsa:2048"],
  ECDSA: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
} as const;
const KINDS: readonly (readonly string[])[] = [
  ["-noattr", "-md", "sha256"],
  ["-noattr", "-md", "sha512", "-keyid"],
  ["-md", "sha384"],
];

for (const [name, key] of Object.entries(KEYS)) {
  testWith(openssl, `a module signed with ${name} fits, and not with another byte`, () => {
    using signer = makeSigner(key);
    const module = craftElf();
    for (const kind of KINDS) {
      const carried = appendSignature(module, signer.sign(module, ...kind));
      const bare = appendSignature(module, signer.sign(module, "-nocerts", ...kind));
      const read = trySignature(carried)!;
      assertEquals([read.format, read.valid, read.chain.length], ["kernel_module", true, 1]);
      assertEquals(read.details[0]!.hash, kind.find((one) => one.startsWith("sha")));
      assertEquals(trySignature(bare, [signer.certificate])!.valid, true);
      for (let at = 0; at < module.length; at += 37) {
        const changed = carried.slice();
        changed[at]! ^= 1 << at % 8;
        // The first bytes say what the file is.
        assertEquals(trySignature(changed)?.valid, at < 4 ? undefined : false, `${kind} ${at}`);
      }
    }
  });
}

testWith(openssl, "without the certificate a signature of a module is told, and not tried", () => {
  using signer = makeSigner();
  using other = makeSigner();
  const module = craftElf();
  const bare = appendSignature(module, signer.sign(module, "-noattr", "-nocerts"));
  const read = trySignature(bare, [other.certificate])!;
  assertEquals([read.valid, read.chain, read.issuer], [undefined, [], "Example Corp"]);
  assertEquals(read.details[0]!.issuer, "O=Example, CN=Example Corp");
  const serial = output(
    "openssl",
    "x509",
    "-noout",
    "-serial",
    "-in",
    `${signer.folder}/certificate`,
  );
  assertEquals(`serial=${read.details[0]!.serial}`, serial.trim().toLowerCase());
  const byKey = appendSignature(module, signer.sign(module, "-noattr", "-nocerts", "-keyid"));
  assert(/^[0-9a-f]{40}$/.test(String(trySignature(byKey)!.details[0]!.key_id)));
});

testWith(openssl, "what is no signature of a module is told apart", () => {
  using signer = makeSigner();
  const module = craftElf();
  const signature = signer.sign(module, "-noattr");
  assertEquals(trySignature(module), undefined);
  const broken = [
    { 2: 1 }, // an older kind
    { 0: 1 },
    { 7: 1 },
    { 8: 0xff },
    { 11: 1 },
  ];
  for (const trailer of broken) {
    assertThrows(() => trySignature(appendSignature(module, signature, trailer)));
  }
});

testWith(openssl, "what is broken in the signature of a module is read without harm", () => {
  using signer = makeSigner();
  const module = craftElf();
  const signed = appendSignature(module, signer.sign(module));
  const place = fc.integer({ min: module.length, max: signed.length - 29 });
  const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(changes, (changes) => {
      const bytes = signed.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        trySignature(bytes);
      } catch (error) {
        assert(error instanceof Error);
      }
    }),
    { numRuns: 500 },
  );
});

testWith(openssl, "keys of modules are found where hosts keep them", () => {
  using signer = makeSigner();
  using host = makeHost({
    "/lib/modules/6.1/build/certs/signing_key.x509": signer.certificate,
    "/var/lib/dkms/mok.pub": signer.certificate,
    "/var/lib/shim-signed/mok/MOK.der": "no certificate",
  });
  const paths = openHostPaths(host.root);
  assertEquals(moduleCertificates(paths, undefined).map((one) => Uint8Array.from(one)), [
    signer.certificate,
  ]);
  assertEquals(moduleCertificates(paths, "/lib/modules/6.1/x.ko").length, 2);
  assertEquals(moduleCertificates(paths, "/lib/modules/6.2/x.ko").length, 1);
});

const PACKAGE = "linux-image-cloud-amd64";

testWith(
  {
    "BINARIES=all": Deno.env.get("BINARIES") === "all",
    "apt-get": has("apt-get"),
    "dpkg-deb": has("dpkg-deb"),
    modinfo: has("modinfo"),
  },
  "modules of Debian's kernel are signed by whom modinfo says",
  () => {
    using host = makeHost({ "/x": "" });
    const within = (program: string, ...args: string[]) =>
      assert(new Deno.Command(program, { args, cwd: host.root }).outputSync().success, program);
    const kernel = /Depends: (linux-image-\S+)/.exec(output("apt-cache", "depends", PACKAGE))![1]!;
    within("apt-get", "download", kernel);
    const [deb] = output("find", host.root, "-name", "*.deb").trim().split("\n");
    within("dpkg-deb", "-x", deb!, "unpacked");
    const modules = output("find", `${host.root}/unpacked`, "-name", "*.ko").trim().split("\n");
    const some = modules.sort().filter((_, index) => index % 20 === 0);
    for (const path of some) {
      const read = trySignature(Deno.readFileSync(path))!;
      assertEquals(read.valid, undefined);
      const field = (name: string) => output("modinfo", "-F", name, path).trim();
      assertEquals(read.issuer, field("signer"));
      assertEquals(read.details[0]!.hash, field("sig_hashalgo"));
      const serial = field("sig_key").replaceAll(":", "").toLowerCase();
      assertEquals(read.details[0]!.serial, serial);
    }
    console.log(`${some.length} modules compared`);
  },
);
