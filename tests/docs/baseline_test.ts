import { assert, assertEquals } from "@std/assert";
import { BASELINE, judge, recommendedInWords } from "../../collectors/configmond/baseline.ts";
import { FAMILIES } from "../../collectors/configmond/families/mod.ts";
import { BASELINE_PAGE, baselinePage } from "../../docs/baseline.ts";

Deno.test("docs/baseline.md is the baseline; `deno task docs` makes it so", async () => {
  assertEquals(await Deno.readTextFile(BASELINE_PAGE), baselinePage());
});

Deno.test("every recommendation is about settings that are read, once, with its reason", () => {
  const families = new Set(FAMILIES.map(({ name }) => name));
  assertEquals(BASELINE.filter(({ family }) => !families.has(family)), []);
  for (const what of ["id", "name"] as const) {
    assertEquals(new Set(BASELINE.map((one) => one[what])).size, BASELINE.length, what);
  }
  const places = BASELINE.map(({ family, setting }) => `${family} ${setting}`);
  assertEquals(new Set(places).size, places.length);
  for (const { id, reason, recommended } of BASELINE) {
    assert(/^[A-Z].*[.]$/.test(reason), id);
    assert(recommendedInWords(recommended).length > 0, id);
  }
});

Deno.test("judge() compares by list, by number and by word", () => {
  assertEquals(judge(["no", "x"], "NO"), "compliant");
  assertEquals(judge(["no"], "yes"), "non_compliant");
  assertEquals(judge({ atLeast: 2 }, "2"), "compliant");
  assertEquals(judge({ atLeast: 2 }, "1"), "non_compliant");
  assertEquals(judge({ atMost: 6 }, "6"), "compliant");
  assertEquals(judge({ atMost: 6 }, "7"), "non_compliant");
  assertEquals(judge({ atMost: 6 }, "many"), "unknown");
  assertEquals(judge({ without: "nullok" }, "a nullok\nb"), "non_compliant");
  assertEquals(judge({ without: "nullok" }, "a nullok_secure"), "compliant");
  assertEquals(judge(["no"], null), "unknown");
});
