import { join } from "@std/path";

/** Paths of PEM files. */
export interface Certificates {
  /** The authority. */
  readonly ca: string;
  /** The server's certificate for `localhost`, and its key. */
  readonly certificate: string;
  readonly key: string;
}

/** Makes an authority and a certificate of a server in a folder, with openssl. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const path = (name: string) => join(folder, name);
  const openssl = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [caKey, request, extensions] = [path("ca.key"), path("server.csr"), path("server.ext")];
  const found = { ca: path("ca.pem"), certificate: path("server.pem"), key: path("server.key") };
  // deno-fmt-ignore
  await openssl("req", "-x509", ...key, "-keyout", caKey, "-out", found.ca, "-days", "2",
    "-subj", "/CN=test authority");
  // deno-fmt-ignore
  await openssl("req", ...key, "-keyout", found.key, "-out", request, "-subj", "/CN=localhost");
  await Deno.writeTextFile(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  // deno-fmt-ignore
  await openssl("x509", "-req", "-in", request, "-CA", found.ca, "-CAkey", caKey, "-CAcreateserial",
    "-out", found.certificate, "-days", "2", "-extfile", extensions);
  return found;
}

/** Whether a program is there to be started. */
export async function hasProgram(name: string, ...args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args: [...args], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}
