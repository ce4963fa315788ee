/** Of how many contents what was found out is remembered, and for how many ms. */
export const CACHE = { entries: 2000, ttl: 3_600_000 } as const;

/** What is remembered of the symbols of one content at most: libraries with more are few, and would take all the memory. */
export const CACHED_SYMBOLS = { count: 1000, characters: 50_000 } as const;

/** Bytes of a file that YARA rules are tried on at most. */
export const MAX_SCANNED = 64 * 2 ** 20;

/** Bytes of the memory of a process that YARA rules are tried on at most, with what keeps its pieces apart. */
export const MAX_SEARCHED = 128 * 2 ** 20;
