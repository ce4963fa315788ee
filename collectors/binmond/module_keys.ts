import { X509Certificate } from "node:crypto";
import { readRegular } from "../regmond/host.ts";
import { Failure } from "../proc/files.ts";
import { attempt, type HostPaths } from "./paths.ts";

/** Where the keys lie with which hosts sign the modules that they build themselves: those of DKMS and of Ubuntu's shim. */
const KNOWN: readonly string[] = ["/var/lib/dkms/mok.pub", "/var/lib/shim-signed/mok/MOK.der"];

/**
 * Certificates that a host has of those who sign its modules, in DER. The key of a kernel that was built on the host
 * belongs to it as well. That they lie there does not mean that the kernel trusts them.
 */
export function moduleCertificates(
  paths: HostPaths,
  module: string | undefined,
): readonly Uint8Array[] {
  const [folder] = /^(?:\/usr)?\/lib\/modules\/[^/]+/.exec(module ?? "") ?? [];
  const places = [...KNOWN, ...(folder ? [`${folder}/build/certs/signing_key.x509`] : [])];
  return places.flatMap((place) => {
    const resolved = paths.resolve(place);
    const bytes = resolved instanceof Failure ? resolved : attempt(() => readRegular(resolved));
    return bytes instanceof Failure ? [] : derOf(bytes);
  });
}

function derOf(bytes: Uint8Array): Uint8Array[] {
  try {
    return [new X509Certificate(bytes).raw];
  } catch {
    return [];
  }
}
