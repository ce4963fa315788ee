/**
 * Quartiles of sorted numbers, between which is interpolated (type 7 of Hyndman and Fan, Sample Quantiles in Statistical
 * Packages, 1996). Of no numbers they are NaN.
 */
export function quartiles(sorted: readonly number[]): readonly [number, number, number] {
  const at = (part: number) => {
    const place = (sorted.length - 1) * part;
    const below = Math.floor(place);
    const low = sorted[below] ?? NaN;
    const high = sorted[below + 1] ?? low;
    return low + (high - low) * (place - below);
  };
  return [at(0.25), at(0.5), at(0.75)];
}

/** The median of numbers in any order. */
export function median(numbers: readonly number[]): number {
  return quartiles(numbers.toSorted(ascending))[1];
}

/** Compares numbers for sorting. */
export function ascending(left: number, right: number): number {
  return left - right;
}

/** The mean of numbers, and their standard deviation divided by it, the coefficient of variation. */
export function spread(
  numbers: readonly number[],
): { readonly mean: number; readonly variation: number } {
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const variance = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / numbers.length;
  return { mean, variation: Math.sqrt(variance) / mean };
}

/**
 * How alike intervals are, 0 to 1: 1 less their quartile coefficient of dispersion, (Q3 - Q1) / (Q3 + Q1) (Bonett,
 * Confidence interval for a coefficient of quartile variation, 2006). Equal ones have 1, those of chance (exponential)
 * 0.34, those between a half and the whole of something 0.83. A quarter of them may be anything, such as the nights
 * of a machine.
 */
export function regularity(intervals: readonly number[]): number {
  const [lower, , upper] = quartiles(intervals.toSorted(ascending));
  return lower + upper > 0 ? 1 - (upper - lower) / (upper + lower) : 0;
}

/** Above it a modified z-score tells an outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
const OUTLIER = 3.5;

/**
 * How far a value lies above what is usual, 0 to 1. It is z / (z + 3.5) for the modified z-score z of Iglewicz and
 * Hoaglin, 0.6745 (value - median) / MAD: an outlier, as they advise, has more than 0.5. Where the MAD is 0, since more
 * than half of the values are equal, z is (value - median) / (1.2533 × the mean deviation from the median); and where all
 * are equal, anything above them has 1.
 */
export function excess(value: number, usual: readonly number[]): number {
  const middle = median(usual);
  const above = value - middle;
  if (above <= 0) return 0;
  const deviations = usual.map((one) => Math.abs(one - middle));
  const mad = median(deviations) / 0.6745;
  const scale = mad > 0 ? mad : 1.2533 * spread(deviations).mean;
  if (scale === 0) return 1;
  const z = above / scale;
  return z / (z + OUTLIER);
}
