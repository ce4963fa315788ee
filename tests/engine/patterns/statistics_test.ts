import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  excess,
  median,
  quartiles,
  regularity,
  spread,
} from "../../../engine/patterns/statistics.ts";
import "../../seed.ts";

const intervals = fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 2, maxLength: 40 });

Deno.test("quartiles() interpolates as type 7 of Hyndman and Fan does", () => {
  assertEquals(quartiles([1, 2, 3, 4]), [1.75, 2.5, 3.25]);
  assertEquals(quartiles([1, 2, 3, 4, 5]), [2, 3, 4]);
  assertEquals(quartiles([7]), [7, 7, 7]);
  assertEquals(median([9, 1, 5]), 5);
});

Deno.test("spread() is mean and coefficient of variation", () => {
  assertEquals(spread([2, 2, 2]), { mean: 2, variation: 0 });
  assertEquals(spread([1, 3]), { mean: 2, variation: 0.5 });
});

Deno.test("regularity() is 1 for equal intervals and for those whose outer quarters alone differ", () => {
  assertEquals(regularity([5000, 5000, 5000]), 1);
  assertEquals(regularity([1, 60, 60, 60, 60, 60, 60, 60, 9000]), 1);
  assertEquals(regularity([0, 0, 0]), 0);
  assertAlmostEquals(regularity(Array.from({ length: 101 }, (_, at) => 50 + at / 2)), 0.8333, 1e-4);
  const chance = Array.from({ length: 10_001 }, (_, at) => -Math.log(1 - at / 10_001));
  assertAlmostEquals(regularity(chance), 0.344, 0.01);
});

Deno.test("regularity() lies between 0 and 1 and knows no unit and no order", () => {
  fc.assert(fc.property(intervals, fc.integer({ min: 2, max: 1000 }), (list, factor) => {
    const value = regularity(list);
    assert(value >= 0 && value <= 1);
    assertAlmostEquals(regularity(list.map((one) => one * factor)), value, 1e-9);
    assertEquals(regularity(list.toReversed()), value);
  }));
});

Deno.test("excess() is the modified z-score of Iglewicz and Hoaglin, 0.5 at their limit", () => {
  const usual = [8, 9, 10, 11, 12];
  assertEquals(excess(10, usual), 0);
  assertEquals(excess(3, usual), 0);
  assertAlmostEquals(excess(10 + 3.5 / 0.6745, usual), 0.5, 1e-9);
  // Most are equal: the mean deviation stands in for the MAD, which is 0.
  assertAlmostEquals(excess(2, [0, 0, 0, 0, 1]), (2 / 0.25066) / (2 / 0.25066 + 3.5), 1e-4);
  assertEquals(excess(1, [0, 0, 0]), 1);
  assertEquals(excess(0, [0, 0, 0]), 0);
});

Deno.test("excess() lies between 0 and 1 and grows with the value", () => {
  const values = fc.array(fc.nat(1e9), { minLength: 9, maxLength: 9 });
  fc.assert(fc.property(values, fc.nat(1e9), fc.nat(1e9), (usual, one, more) => {
    const [low, high] = [excess(one, usual), excess(one + more, usual)];
    assert(low >= 0 && low <= high && high <= 1);
  }));
});
