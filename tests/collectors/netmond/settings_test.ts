import { assertEquals } from "@std/assert";
import { readSettings, SETTINGS } from "../../../collectors/netmond/settings.ts";
import { openProcFiles } from "../../../collectors/proc/files.ts";
import { isLinux, testWith } from "../support.ts";

testWith({ Linux: isLinux }, "readSettings() reads each kind of setting", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/sys/net/ipv4`, { recursive: true });
  const settings = {
    tcp_mem: "94500\t126000\t189000",
    tcp_congestion_control: "cubic",
    tcp_fastopen: "1024",
    tcp_sack: "1",
    tcp_ecn: "2",
    tcp_stdurg: "0",
    tcp_fin_timeout: "60",
    tcp_retries2: "many",
  };
  for (const [name, text] of Object.entries(settings)) {
    await Deno.writeTextFile(`${root}/sys/net/ipv4/${name}`, `${text}\n`);
  }
  const read = readSettings(openProcFiles(root), SETTINGS);
  assertEquals(Object.fromEntries(Object.entries(read).filter(([, value]) => value !== null)), {
    tcp_mem: '{"low":94500,"pressure":126000,"high":189000}',
    tcp_congestion: "cubic",
    tcp_fastopen: false,
    tcp_sack: true,
    tcp_ecn: true,
    tcp_stdurg: false,
    tcp_fin_timeout: 60,
  });
  assertEquals(Object.keys(read).length, SETTINGS.length);
  await Deno.remove(root, { recursive: true });
});
