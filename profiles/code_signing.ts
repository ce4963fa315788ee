import type { TableSpec } from "../schema/types.ts";

/** The table of signatures on program files. */
export const code_signing = {
  name: "code_signing",
  description:
    "Signatures of program files, one row for each file. On Linux that is a signature appended to a kernel module or kept by IMA; most programs there have none.",
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
    trust_level: ["string", "How far the signature leads to an authority that the host trusts", {
      values: ["trusted", "self_signed", "untrusted", "unsigned", "unknown"],
    }],
  },
  examples: [
    "SELECT p.pid, p.name, s.publisher, s.trust_level FROM processes p JOIN code_signing s ON s.pid = p.pid WHERE s.signed AND NOT s.signature_valid",
    "SELECT m.name, m.file_path FROM kernel_modules m JOIN code_signing s ON s.file_path = m.file_path WHERE NOT s.signed",
    "SELECT file_path, publisher, json_extract(certificate_chain, '$[0].issuer') AS issuer FROM code_signing WHERE file_path = '/usr/bin/login'",
  ],
} as const satisfies TableSpec;
