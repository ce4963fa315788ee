import { assertEquals } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readSettings, settingsJsonSchema } from "../../config/mod.ts";

Deno.test("settingsJsonSchema() takes and refuses what readSettings() does", () => {
  const check = new Ajv2020({ strict: false }).compile(settingsJsonSchema());
  const texts: readonly unknown[] = [
    {},
    { state: "/s.kv", detections: ["/d"], retention: { age: "2h", count: 5 } },
    { sinks: [{ type: "stdout" }, { type: "file", path: "/a" }], confinement: "off" },
    { collectors: { fsmond: { paths: ["/etc"] } }, events: { waiting: "1MB", together: 5 } },
    { stat: "/s.kv" },
    { retention: { age: 5 } },
    { retention: { age: "5x" } },
    { sinks: [{ type: "file" }] },
    { sinks: [{ type: "fil", path: "/a" }] },
    { budgets: { share: 0 } },
    { collectors: { fsmond: { paths: ["etc"] } } },
    { schedule: "5m" },
  ];
  const read = texts.map((one) => readSettings(JSON.stringify(one), "d.yaml").settings !== null);
  assertEquals(texts.map((one) => check(one)), read);
  assertEquals(read, texts.map((_, at) => at < 4));
});
