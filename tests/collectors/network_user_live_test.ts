import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { Reading } from "../../collectors/core/collector.ts";
import { COLUMNS, inOwnNetwork, succeeds } from "./netmond/live.ts";
import { has, isLinux, isRoot, testWith } from "./support.ts";

const script = fromFileUrl(new URL("netmond/as_user.ts", import.meta.url));
const AS_NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
const needs = {
  Linux: isLinux,
  root: isRoot,
  setpriv: has("setpriv"),
  unshare: has("unshare"),
  "readable by others": has("setpriv") && succeeds("setpriv", ...AS_NOBODY, "test", "-r", script) &&
    succeeds("setpriv", ...AS_NOBODY, Deno.execPath(), "--version"),
};

async function readAsUser(): Promise<
  { readonly pid: number; readonly connections: Reading[]; readonly interfaces: Reading[] }
> {
  const cache = await Deno.makeTempDir();
  await Deno.chmod(cache, 0o777);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", "--no-config"];
  const columns = [...COLUMNS.network_connections, ...COLUMNS.network_interfaces];
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [...AS_NOBODY, ...deno, script, ...columns],
    env: { DENO_DIR: cache },
  }).output();
  await Deno.remove(cache, { recursive: true });
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

testWith(
  needs,
  "an ordinary user sees everybody's sockets, in every namespace, and what is denied is said",
  async () => {
    using foreign = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = foreign.addr as Deno.NetAddr;
    await using other = await inOwnNetwork("ip link set lo up");
    const { pid, connections, interfaces } = await readAsUser();
    const own = connections.find(({ row }) => row.pid === pid && row.state === "listening")!;
    assertEquals([own.row.uid, own.row.gid, own.gaps?.pid], [65534, 65534, undefined]);
    assert(String(own.row.process_key).includes(`:${pid}:`));

    const theirs = connections.find(({ row }) => row.local_port === port)!;
    assertEquals([theirs.row.state, theirs.row.uid], ["listening", 0]);
    for (const column of ["pid", "process_name", "process_key", "gid"]) {
      assertEquals([theirs.row[column], theirs.gaps![column]], [null, "denied"], column);
    }

    const home = Number(/\d+/.exec(Deno.readLinkSync("/proc/self/ns/net"))![0]);
    assert(interfaces.some(({ row }) => row.namespace_id === home && row.mac_address !== null));
    // Which namespace it is, is kept back; that there is another one, is not.
    const elsewhere = interfaces.filter(({ row }) => row.namespace_id === null);
    assert(elsewhere.some(({ row }) => row.interface_name === "lo"), `of ${other.id}`);
    assert(elsewhere.every(({ gaps }) => gaps!.namespace_id === "denied"));
    assert(!interfaces.some(({ row }) => row.namespace_id === other.id));
  },
);
