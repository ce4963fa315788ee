import { assert, assertEquals } from "@std/assert";
import { hasProgram, makeCertificates } from "../../sinks/certificates.ts";
import { temporaryFolder } from "../../sinks/support.ts";
import { startRsyslog } from "../../sinks/syslog/rsyslog.ts";
import { commit, open, openMemory } from "./support.ts";

const ignore = !(await hasProgram("rsyslogd", "-v") && await hasProgram("openssl", "version"));
if (ignore) console.log("skipped: rsyslogd with its gnutls driver, or openssl, is not installed");

Deno.test({
  name: "the permissions of the delivery process are enough for every transport of syslog",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const certificates = await makeCertificates(folder.path);
  await using server = await startRsyslog(folder.path, certificates);
  using store = await openMemory();
  const { ca } = certificates;
  await using delivery = await open(
    store,
    Object.entries(server.addresses).map(([name, address]) => ({
      type: "syslog" as const,
      name,
      address,
      ca,
    })),
  );
  await commit(delivery.store, ["a", "b"]);
  assert(await delivery.drain(30_000), JSON.stringify(await delivery.status()));
  assertEquals((await server.received(8)).length, 8);
  assertEquals((await delivery.check()).filter(({ healthy }) => !healthy), []);
});
