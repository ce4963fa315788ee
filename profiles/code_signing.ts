import type { TableSpec } from "../schema/types.ts";

/** The table of signatures on program files. */
export const code_signing = {
  name: "code_signing",
  description:
    "What vouches for program files, one row for each file: the signature that the file carries, and on Linux the record of the package that it belongs to. Most programs of Linux carry no signature; there the package manager knows which file is whose, and what it held when it was installed. Such a record is no signature: root can write it.",
  collector: "binmond",
  kind: "triggerable",
  requires: ["file_path", "pid"],
  columns: {
    pid: ["integer", "The process whose executable it is, where it was asked for by process", {
      key: true,
      lookup: true,
      optional: true,
    }],
    file_path: ["string", "Absolute path", { key: true, lookup: true }],
    signed: ["boolean", "Whether the file carries a signature"],
    signature_valid: ["boolean", "Whether the signature fits the contents; NULL without one", {
      optional: true,
    }],
    certificate_chain: ["json", "Certificates, the signer's first", {
      optional: true,
      shape:
        '[{"subject": "CN=Example Corp", "issuer": "CN=Example CA", "serial": "0a1b2c", "not_after": 1798761600000}]',
    }],
    signing_authority: ["string", "Who issued the signer's certificate", { optional: true }],
    publisher: ["string", "Who signed", { optional: true }],
    timestamp: ["timestamp", "When it was signed, by a countersignature", { optional: true }],
    revocation_status: ["string", "Whether a certificate of the chain was revoked", {
      optional: true,
      values: ["good", "revoked", "unknown"],
    }],
    trust_level: ["string", "How far somebody whom the host trusts vouches for the file", {
      values: ["trusted", "self_signed", "untrusted", "unsigned", "unknown"],
    }],
  },
  extensions: {
    linux: {
      package_owned: ["boolean", "Whether a package of the host owns the file's path"],
      package_name: ["string", "The package that owns it", { optional: true }],
      package_manager: ["string", "Whose record that is", {
        optional: true,
        values: ["dpkg", "rpm", "apk"],
      }],
      package_intact: [
        "boolean",
        "Whether the contents have the digest that the package recorded; NULL where none is recorded",
        { optional: true, costly: true },
      ],
      signature_format: ["string", "Kind of the signature", {
        optional: true,
        values: ["authenticode", "kernel_module", "mach_o"],
      }],
      signature_details: ["json", "What else the signature says, an object for each image", {
        optional: true,
        shape:
          '[{"identifier": "com.example.tool", "team": "ABCDE12345", "flags": ["runtime"], "hash": "sha256", "cdhash": "0a1b2c", "entitlements": true}]',
      }],
    },
  },
  examples: [
    "SELECT p.pid, p.name, s.publisher, s.trust_level FROM processes p JOIN code_signing s ON s.pid = p.pid WHERE s.signed AND NOT s.signature_valid",
    "SELECT m.name, m.file_path FROM kernel_modules m JOIN code_signing s ON s.file_path = m.file_path WHERE NOT s.signed",
    "SELECT file_path, publisher, json_extract(certificate_chain, '$[0].issuer') AS issuer FROM code_signing WHERE file_path = '/usr/bin/login'",
  ],
} as const satisfies TableSpec;
