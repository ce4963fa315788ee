/** Bytes of one process that are searched at most, and of all processes of a task together. */
export const MAX_SEARCHED = { process: 512 * 2 ** 20, task: 4 * 2 ** 30 } as const;

/** Bytes of `pagemap` that are read of one region, which is 2 TB of addresses: larger ones are reservations. */
export const MAX_PAGEMAP = 4 * 2 ** 30;

/** Different texts of one kind that are told of one process. */
export const MAX_TEXTS = 2000;

/** Characters of a text that are told. */
export const MAX_TEXT = 4096;
