import { assertEquals } from "@std/assert";
import { renderMetrics } from "../../../engine/health/exposition.ts";

Deno.test("renderMetrics() writes the text format, and escapes what labels say", () => {
  const text = renderMetrics([
    {
      name: "rows_total",
      help: "Rows.",
      type: "counter",
      samples: [{ labels: { table: 'a"b\\c\nd' }, value: 3 }, { value: 0.5 }],
    },
    { name: "nothing", help: "Left out.", type: "gauge", samples: [] },
  ]);
  assertEquals(
    text,
    "# HELP daemoneye_rows_total Rows.\n# TYPE daemoneye_rows_total counter\n" +
      'daemoneye_rows_total{table="a\\"b\\\\c\\nd"} 3\ndaemoneye_rows_total 0.5\n',
  );
});
