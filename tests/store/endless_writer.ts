/**
 * Writes scans and alerts into the store at `Deno.args[0]` until it is killed, and prints a line `scan ID` or `alert ID`
 * for each that the store has acknowledged. With a second argument it keeps only so many scans, or, where that ends in B, so many bytes.
 *
 * @module
 */
import { incompressible, openedOf, openToWrite, thingsOf } from "./fixtures.ts";

const [path = "", keep] = Deno.args;
const store = await openToWrite(path, "endless writer");
for (;;) {
  const scan = await store.beginScan({ host: "host-a", platform: "linux", started: 100 });
  for (let from = 0; from < 24_000; from += 8000) {
    await scan.write(thingsOf(scan.scan_id, from, from + 8000));
  }
  scan.endTable("things", 150, { status: "complete" });
  await scan.commit([], 200);
  console.log(`scan ${scan.scan_id}`);
  const opened = openedOf({
    scan_id: scan.scan_id,
    dedupe_key: `key ${scan.scan_id % 3}`,
    alert_data: { large: incompressible(scan.scan_id % 2 === 0 ? 100_000 : 10) },
  });
  await store.commitHits({ alerts: [opened], counts: [] });
  console.log(`alert ${opened.alert.id}`);
  if (keep !== undefined) {
    const limit = parseInt(keep);
    await store.retain(keep.endsWith("B") ? { size: limit } : { count: limit }, 1000);
  }
}
